import { LocalError } from '../../engine/local-error.js';
import { parseQueryText } from '../grammar/statements.js';
import type { Relation } from '../scope.js';
import type { Context, EmittedQuery } from './context.js';

/** A view's text, translated in the view's own context: the names of the query that uses it mean nothing in it. */
export function emitView(view: Relation & { kind: 'view' }, cx: Context): EmittedQuery {
  const { views } = cx.gathered;
  if (views.includes(view.id)) {
    throw new LocalError(
      '001004',
      '42601',
      `SQL compilation error:\nView definition of '${view.name.join('.')}' refers to itself.`,
    );
  }
  cx.gathered.reads.add(view.id);
  views.push(view.id);
  try {
    const inner: Context = {
      ...cx,
      text: view.text,
      scope: view.scope,
      frame: undefined,
      ctes: new Map(),
      lambda: new Map(),
    };
    return cx.query(
      parseQueryText(view.text),
      inner,
      view.columnNames.length > 0 ? { columnNames: view.columnNames } : {},
    );
  } finally {
    views.pop();
  }
}
