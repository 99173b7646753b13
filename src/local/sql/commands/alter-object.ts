import { ACCOUNT, type Entry, type EntryKind, type SequenceEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext, RunSql } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { alreadyExists, notFound } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';
import { type FormatOptions, fileFormat, parseFormatOptions } from './file-format.js';
import { resolvedOptions } from './named-format.js';
import { parseOptions } from './object-options.js';
import { userOf } from './own-user.js';
import { parseSignature, signatureOf } from './routine-signature.js';
import { withIncrement } from './sequence-values.js';

const KINDS: Readonly<Record<string, { readonly kind: EntryKind; readonly label: string }>> = {
  FUNCTION: { kind: 'function', label: 'Function' },
  PROCEDURE: { kind: 'procedure', label: 'Procedure' },
  ROLE: { kind: 'role', label: 'Role' },
  SEQUENCE: { kind: 'sequence', label: 'Sequence' },
  STAGE: { kind: 'stage', label: 'Stage' },
  STREAM: { kind: 'stream', label: 'Stream' },
  TAG: { kind: 'tag', label: 'Tag' },
  USER: { kind: 'user', label: 'User' },
};

/** What an ALTER does to the entry. */
type Change = (entry: Entry, run: RunSql, context: CommandContext) => Promise<Entry>;

/** ALTER SEQUENCE | STAGE | FUNCTION | PROCEDURE | STREAM | TAG | ROLE | USER [IF EXISTS] name RENAME TO … | SET … | UNSET …. */
export const alterObject: Command = async (cursor, context) => {
  cursor.expect('ALTER');
  const word = cursor.next().value;
  const target = KINDS[word];
  if (target === undefined) throw cursor.error();
  const { kind, label } = target;
  const ifExists = cursor.accept('IF', 'EXISTS');
  const name = cursor.name();
  const routine = kind === 'function' || kind === 'procedure';
  const types = routine ? parseSignature(cursor) : [];
  const find = (path: readonly string[]): { entry: Entry | undefined; parent: number; key: string } => {
    const last = path.at(-1) ?? '';
    if (kind === 'user') return { entry: userOf(last, context), parent: ACCOUNT, key: last };
    if (kind === 'role') {
      return { entry: context.names.catalog.find(ACCOUNT, kind, last), parent: ACCOUNT, key: last };
    }
    const { schema } = context.names.writablePlace(path, `ALTER ${word}`);
    const key = routine ? signatureOf(last, types) : last;
    return { entry: context.names.findIn(schema, kind, key), parent: schema.id, key };
  };
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name() : undefined;
  const change = renameTo === undefined ? parseChange(cursor, kind) : undefined;
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit, run) => {
      const { entry } = find(name);
      if (entry === undefined) {
        if (ifExists) return EXECUTED;
        throw kind === 'role' || kind === 'user'
          ? notFound(label, name)
          : missing(label, context.names.place(name, `ALTER ${word}`));
      }
      if (renameTo !== undefined) {
        const to = find(renameTo);
        if (to.entry !== undefined) throw alreadyExists(to.key);
        const renamed = { ...entry, name: to.key, parent: to.parent };
        edit.put(('routine' in renamed ? { ...renamed, routine: renameTo.at(-1) ?? '' } : renamed) as Entry);
      }
      if (change !== undefined) edit.put(await change(entry, run, context));
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function parseChange(cursor: TokenCursor, kind: EntryKind): Change {
  if (cursor.accept('UNSET')) {
    const words = cursor
      .rest()
      .text.toUpperCase()
      .split(/[\s,]+/);
    return async (entry) => unset(entry, words);
  }
  if (kind === 'tag' && cursor.acceptOneOf('ADD', 'DROP') !== undefined) {
    cursor.expect('ALLOWED_VALUES');
    cursor.rest();
    return async (entry) => entry;
  }
  if (cursor.accept('EXECUTE', 'AS')) {
    const executeAs = cursor.acceptOneOf('OWNER', 'CALLER');
    if (kind !== 'procedure' || executeAs === undefined) throw cursor.error();
    return async (entry) => ({ ...entry, executeAs }) as Entry;
  }
  if (kind === 'user' && cursor.accept('ABORT', 'ALL', 'QUERIES')) return async (entry) => entry;
  if (kind === 'user' && cursor.accept('RESET', 'PASSWORD')) return async (entry) => entry;
  cursor.accept('SET');
  if (kind === 'sequence') return parseSequenceChange(cursor);
  if (kind === 'stage') return parseStageChange(cursor);
  if (cursor.acceptOneOf('SECURE', 'MEMOIZABLE') !== undefined) {
    return async (entry) => ({ ...entry, secure: true }) as Entry;
  }
  const options = parseOptions(cursor).entries();
  return async (entry) => {
    const { COMMENT: comment = entry.comment, PASSWORD: _never, ...attributes } = options;
    const commented = { ...entry, comment };
    return 'attributes' in commented
      ? { ...commented, attributes: { ...commented.attributes, ...attributes } }
      : commented;
  };
}

function unset(entry: Entry, words: readonly string[]): Entry {
  const commented = words.includes('COMMENT') ? { ...entry, comment: '' } : entry;
  const plain = words.includes('SECURE') ? ({ ...commented, secure: false } as Entry) : commented;
  if (!('attributes' in plain)) return plain;
  const attributes = Object.fromEntries(Object.entries(plain.attributes).filter(([key]) => !words.includes(key)));
  return { ...plain, attributes };
}

function parseSequenceChange(cursor: TokenCursor): Change {
  let increment: number | undefined;
  let ordered: boolean | undefined;
  let comment: string | undefined;
  while (!cursor.atEnd) {
    cursor.acceptSymbol(',');
    if (cursor.accept('INCREMENT')) {
      cursor.accept('BY');
      cursor.acceptSymbol('=');
      increment = cursor.number();
    } else if (cursor.accept('COMMENT')) {
      cursor.acceptSymbol('=');
      comment = cursor.stringLiteral();
    } else {
      const order = cursor.acceptOneOf('ORDER', 'NOORDER');
      if (order === undefined) throw cursor.error();
      ordered = order === 'ORDER';
    }
  }
  return async (given, run, context) => {
    const entry = given as SequenceEntry;
    const changed = { ...entry, comment: comment ?? entry.comment, ordered: ordered ?? entry.ordered };
    return increment === undefined ? changed : await withIncrement(changed, increment, run, context);
  };
}

function parseStageChange(cursor: TokenCursor): Change {
  let format: FormatOptions | undefined;
  let comment: string | undefined;
  let url: string | undefined;
  let copyOptions: string | undefined;
  let directory: boolean | undefined;
  while (!cursor.atEnd) {
    const key = cursor.identifier();
    cursor.acceptSymbol('=');
    if (key === 'FILE_FORMAT') format = parseFormatOptions(cursor);
    else if (key === 'COMMENT') comment = cursor.stringLiteral();
    else if (key === 'URL') url = cursor.stringLiteral();
    else if (key === 'COPY_OPTIONS') copyOptions = cursor.parenthesised().text.trim();
    else if (key === 'DIRECTORY') directory = /enable\s*=\s*true/i.test(cursor.parenthesised().text);
    else if (cursor.isSymbol('(')) cursor.parenthesised();
    else cursor.next();
  }
  return async (entry, _run, context) => {
    if (entry.kind !== 'stage') return entry;
    if (format !== undefined) fileFormat(resolvedOptions(format, context));
    return {
      ...entry,
      comment: comment ?? entry.comment,
      url: url ?? entry.url,
      ...(copyOptions === undefined ? {} : { copyOptions }),
      ...(directory === undefined ? {} : { directory }),
      format: format === undefined ? entry.format : Object.fromEntries(format),
    };
  };
}
