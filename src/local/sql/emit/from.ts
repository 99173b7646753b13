import { LocalError } from '../../engine/local-error.js';
import type { CallExpr, FromItem } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { TokenCursor } from '../token-cursor.js';
import { type Context, compilationError } from './context.js';
import { aliased, type EmittedFrom, frameOf } from './from-source.js';
import { emitJoin } from './join.js';
import { emitMatchRecognize } from './match-recognize.js';
import type { Source } from './names.js';
import { emitOuterJoins } from './outer-joins.js';
import { emitPivot, emitUnpivot } from './pivot.js';
import { emitRelation, placed, relationAt, relationOrDual } from './relation.js';
import { constant, tableArgument } from './table-argument.js';
import { emitTableFunction } from './table-functions.js';
import { travelled } from './time-travel.js';
import { emitUserTable } from './user-function.js';

/** Translates a FROM clause. `before` are the items to its left, which lateral items may use. */
export function emitFrom(item: FromItem, cx: Context, before: readonly Source[] = []): EmittedFrom {
  switch (item.kind) {
    case 'table':
      return emitTable(item, cx, before);
    case 'derived': {
      const inner = item.lateral ? { ...cx, frame: frameOf(before, cx) } : cx;
      const query = inner.query(item.query, inner);
      return aliased(
        item,
        item.alias,
        `${item.lateral ? 'LATERAL ' : ''}(${query.sql})`,
        query.columns,
        [],
        cx,
        before,
      );
    }
    case 'function':
      return emitFunction(item, cx, before);
    case 'join':
      return emitJoin(item, cx, before, emitFrom);
    case 'outer-joins':
      return emitOuterJoins(item, cx, before, emitFrom);
    case 'pivot': {
      const pivot = emitPivot(item, cx, emitFrom(item.source, cx, before));
      return aliased(item, item.alias, `(${pivot.sql})`, pivot.columns, [], cx, before);
    }
    case 'unpivot': {
      const unpivot = emitUnpivot(item, cx, emitFrom(item.source, cx, before));
      return aliased(item, item.alias, `(${unpivot.sql})`, unpivot.columns, [], cx, before);
    }
    case 'match-recognize': {
      const source = emitFrom(item.source, cx, before);
      const match = emitMatchRecognize(item, cx, source);
      const only = source.sources.length === 1 ? source.sources[0]?.name : undefined;
      return aliased(item, item.alias, `(${match.sql})`, match.columns, [], cx, before, only);
    }
  }
}

function emitTable(item: FromItem & { kind: 'table' }, cx: Context, before: readonly Source[]): EmittedFrom {
  const names = item.name.map((part) => part.name);
  const last = names[names.length - 1] as string;
  const cte = names.length === 1 ? cx.ctes.get(last) : undefined;
  if (item.travel !== undefined) {
    const { travel } = item;
    if (cte !== undefined) throw unsupported('AT or BEFORE of a common table expression');
    const relation = placed(item.start, cx, () => travelled(travel, names, cx));
    return emitRelation(relation, item, cx, before, last);
  }
  if (cte !== undefined) return aliased(item, item.alias, quoteName(cte.emitName), cte.columns, [], cx, before, last);
  const relation = names.length === 1 && last === 'DUAL' ? relationOrDual(item, cx) : relationAt(names, item.start, cx);
  return emitRelation(relation, item, cx, before, last);
}

function emitFunction(item: FromItem & { kind: 'function' }, cx: Context, before: readonly Source[]): EmittedFrom {
  const named = item.call.name.length === 1 && item.call.name[0] === 'IDENTIFIER' ? item.call.args[0] : undefined;
  const inner: Context = { ...cx, frame: frameOf(before, cx) };
  if (named !== undefined) {
    const names = new TokenCursor(String(constant(named.value, inner))).name();
    return emitRelation(relationAt(names, item.start, cx), item, cx, before, names.at(-1) ?? '');
  }
  const own = emitTableFunction(item.call, inner) ?? emitUserTable(item.call, inner);
  if (own !== undefined) {
    return aliased(
      item,
      item.alias,
      `${before.length > 0 && own.lateral ? 'LATERAL ' : ''}(${own.sql})`,
      own.columns,
      [],
      cx,
      before,
      undefined,
      own.row,
    );
  }
  const relation = cx.scope.tableFunction(
    item.call.name,
    item.call.args.map((arg) => tableArgument(item.call, arg, inner)),
  );
  if (relation === undefined) throw unknownTableFunction(item.call, cx);
  return emitRelation(relation, item, cx, before, item.call.name[item.call.name.length - 1] ?? '');
}

function unknownTableFunction(call: CallExpr, cx: Context): LocalError {
  return compilationError(
    cx,
    '002141',
    '42601',
    `Unknown user-defined table function ${call.name.join('.')}`,
    call.start,
  );
}
