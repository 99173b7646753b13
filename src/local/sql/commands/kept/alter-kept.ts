import type { KeptEntry } from '../../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../../engine/command.js';
import { STATEMENT_TYPE } from '../../../engine/command.js';
import { EXECUTED, instantCell, type ResultTable } from '../../../engine/result-table.js';
import { alreadyExists } from '../../../engine/snowflake-errors.js';
import type { TokenCursor } from '../../token-cursor.js';
import { parseOptions } from '../object-options.js';
import { acceptKept, findKept, keptName } from './find-kept.js';
import { conditionText, parseKept, parsePredecessors, policyBody, statementText } from './parse-kept.js';
import { refreshPipe } from './pipe.js';
import { fullName } from './task.js';

type Change = (entry: KeptEntry, context: CommandContext) => KeptEntry;

/** ALTER kind [IF EXISTS] name RENAME TO … | SET … | UNSET …, and what only some kinds know: SUSPEND, RESUME, MODIFY, REFRESH. */
export const alterKept: Command = async (cursor, context) => {
  cursor.expect('ALTER');
  const specifications = acceptKept(cursor);
  const operation = `ALTER ${specifications[0]?.words.join(' ')}`;
  const ifExists = cursor.accept('IF', 'EXISTS');
  const path = cursor.name();
  const named = specifications.map((specification) => keptName(specification, path, context, operation));
  const find = (): KeptEntry | undefined =>
    named.map((at) => findKept(at, context)).find((entry) => entry !== undefined);
  const missing = named[0]?.missing;
  if (specifications[0]?.kind === 'pipe' && cursor.accept('REFRESH')) {
    const pipe = find();
    if (pipe === undefined) throw missing;
    return { statementTypeId: STATEMENT_TYPE.ddl, table: await refreshPipe(pipe, parsePrefix(cursor), context) };
  }
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name() : undefined;
  const change = renameTo === undefined ? parseChange(cursor, specifications[0]?.kind) : undefined;
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const entry = find();
      if (entry === undefined) {
        if (ifExists) return EXECUTED;
        throw missing;
      }
      if (renameTo !== undefined) {
        const specification = specifications.find(({ kind }) => kind === entry.kind) ?? specifications[0];
        if (specification === undefined) throw missing;
        const to = keptName(specification, renameTo, context, operation);
        if (findKept(to, context) !== undefined) throw alreadyExists(to.name);
        edit.put({ ...entry, name: to.name, parent: to.parent });
      }
      if (change !== undefined) {
        const { attributes, ...changed } = change(entry, context);
        const { COMMENT: comment = changed.comment, ...kept } = attributes;
        const hidden = specifications.flatMap((specification) => specification.hidden ?? []);
        const told = Object.fromEntries(Object.entries(kept).filter(([key]) => !hidden.includes(key)));
        edit.put({ ...changed, comment, attributes: told });
      }
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

/** `[PREFIX = '…'] [MODIFIED_AFTER = '…']`. */
function parsePrefix(cursor: TokenCursor): string | undefined {
  const options = parseOptions(cursor);
  return options.text('PREFIX');
}

const withAttributes =
  (changes: Readonly<Record<string, string>>): Change =>
  (entry) => ({ ...entry, attributes: { ...entry.attributes, ...changes } });

function parseChange(cursor: TokenCursor, kind: KeptEntry['kind'] | undefined): Change {
  if (cursor.accept('UNSET')) return parseUnset(cursor);
  if (kind === 'task' || kind === 'alert') {
    const change = parseRunning(cursor);
    if (change !== undefined) return change;
  }
  if (cursor.accept('SET', 'BODY')) {
    cursor.expectSymbol('->');
    const definition = policyBody(cursor);
    return (entry) => ({ ...entry, definition });
  }
  // What moves data or other systems has nothing to move here.
  if (kind === 'share' && cursor.acceptOneOf('ADD', 'REMOVE') !== undefined) return parseAccounts(cursor);
  if (kind === 'git repository' && cursor.accept('FETCH')) return (entry) => entry;
  if (kind === 'compute pool' && cursor.acceptOneOf('SUSPEND', 'RESUME') !== undefined) return (entry) => entry;
  if (kind === 'resource monitor' || cursor.accept('SET')) {
    cursor.accept('SET');
    const { attributes } = parseKept(kind === 'resource monitor' ? kind : 'share', cursor);
    return withAttributes(attributes);
  }
  throw cursor.error();
}

/** What tasks and alerts know: SUSPEND, RESUME, MODIFY AS | WHEN | CONDITION | ACTION, ADD | REMOVE AFTER. */
function parseRunning(cursor: TokenCursor): Change | undefined {
  if (cursor.accept('RESUME')) return withAttributes({ STATE: 'started' });
  if (cursor.accept('SUSPEND')) {
    return (entry, { now }) =>
      withAttributes({ STATE: 'suspended', LAST_SUSPENDED_ON: instantCell(now) })(entry, {} as CommandContext);
  }
  if (cursor.accept('MODIFY', 'AS') || cursor.accept('MODIFY', 'ACTION')) {
    const definition = statementText(cursor);
    return (entry) => ({ ...entry, definition });
  }
  if (cursor.accept('MODIFY', 'WHEN')) return withAttributes({ WHEN: conditionText(cursor) });
  if (cursor.accept('REMOVE', 'WHEN')) {
    return ({ attributes: { WHEN: _gone, ...attributes }, ...entry }) => ({ ...entry, attributes });
  }
  const add = cursor.accept('ADD', 'AFTER');
  if (!add && !cursor.accept('REMOVE', 'AFTER')) return undefined;
  const named = parsePredecessors(cursor);
  return (entry, context) => {
    const full = named.map((name) => fullName(name.split('.'), context));
    const before = entry.attributes.AFTER?.split(' ') ?? [];
    const after = add ? [...new Set([...before, ...full])] : before.filter((name) => !full.includes(name));
    const { AFTER: _old, ...attributes } = entry.attributes;
    return { ...entry, attributes: { ...attributes, ...(after.length === 0 ? {} : { AFTER: after.join(' ') }) } };
  };
}

function parseAccounts(cursor: TokenCursor): Change {
  cursor.expect('ACCOUNTS');
  cursor.expectSymbol('=');
  const accounts = cursor.rest().text;
  return withAttributes({ ACCOUNTS: accounts });
}

function parseUnset(cursor: TokenCursor): Change {
  const keys = [cursor.identifier()];
  while (cursor.acceptSymbol(',')) keys.push(cursor.identifier());
  return (entry) => ({
    ...entry,
    comment: keys.includes('COMMENT') ? '' : entry.comment,
    attributes: Object.fromEntries(Object.entries(entry.attributes).filter(([key]) => !keys.includes(key))),
  });
}
