import type { ColumnEntry, TableEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext, CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { StaleNames } from '../../engine/stale-names.js';
import { showType } from '../../engine/types/show-type.js';
import { duckString, quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { TokenCursor } from '../token-cursor.js';
import { parseAlteration } from './alter-table.js';
import { type ColumnDefinitions, parseColumnDefinitions } from './column-definitions.js';
import { parseOptions } from './object-options.js';
import { settleColumns } from './virtual-columns.js';

/** Kinds whose objects have nothing that a new definition would lose. */
const REPLACED = new Set(['VIEW', 'FUNCTION', 'PROCEDURE', 'TASK', 'FILE', 'TAG']);
/** Kinds that hold something: what the definition says is set. */
const SET_ANEW = new Set(['DATABASE', 'SCHEMA', 'WAREHOUSE', 'ROLE', 'USER', 'STAGE']);

/** CREATE OR ALTER: the object is made, or changed into what the statement says, its rows kept. */
export const createOrAlter: Command = async (cursor, context) => {
  cursor.expect('CREATE', 'OR', 'ALTER');
  const start = cursor.peek().start;
  const modifiers: string[] = [];
  for (;;) {
    const modifier = cursor.acceptOneOf('TRANSIENT', 'TEMPORARY', 'TEMP', 'SECURE', 'VERSIONED');
    if (modifier === undefined) break;
    modifiers.push(modifier);
  }
  const word = cursor.peek().value;
  const rest = cursor.text.slice(start);
  if (REPLACED.has(word)) return await nested(`CREATE OR REPLACE ${rest}`, context);
  if (word === 'TABLE') return await createOrAlterTable(cursor, rest, context);
  if (!SET_ANEW.has(word)) throw unsupported(`CREATE OR ALTER ${word}`);
  cursor.next();
  const nameAt = cursor.peek().start;
  cursor.name();
  const name = cursor.text.slice(nameAt, cursor.peek().start).trim();
  const options = cursor.rest().text;
  const made = await nested(`CREATE ${modifiers.join(' ')} ${word} IF NOT EXISTS ${name} ${options}`, context);
  const there = String(made.table.rows[0]?.[0] ?? '').includes('already exists');
  if (!there) return made;
  if (options !== '') await nested(`ALTER ${word} ${name} SET ${options}`, context);
  const label = word.charAt(0) + word.slice(1).toLowerCase();
  return {
    statementTypeId: STATEMENT_TYPE.ddl,
    table: statusRow(`${label} ${name.toUpperCase()} successfully altered.`),
  };
};

async function nested(text: string, context: CommandContext): Promise<CommandResult> {
  const { statementTypeId, table } = await context.runNested(text);
  return { statementTypeId, table };
}

async function createOrAlterTable(cursor: TokenCursor, rest: string, context: CommandContext): Promise<CommandResult> {
  const { names } = context;
  cursor.expect('TABLE');
  const name = cursor.name();
  const place = names.writablePlace(name, 'CREATE TABLE');
  const entry = names.findIn(place.schema, 'table', place.name);
  if (entry === undefined) return await nested(`CREATE ${rest}`, context);
  const parsed = parseColumnDefinitions(cursor);
  const wanted = { ...parsed, columns: await settleColumns(parsed.columns, context, 'CREATE TABLE') };
  const options = parseOptions(cursor);
  cursor.expectEnd();
  const comment = options.text('COMMENT');
  const alterations = [
    ...differences(entry, wanted),
    ...(comment === undefined || comment === entry.comment ? [] : [`SET COMMENT = ${duckString(comment)}`]),
  ].map((text) => parseAlteration(new TokenCursor(text, cursor.timestampType)));
  const table = await context.change({
    locks: [{ table: entry.id, mode: 'exclusive' }],
    work: async (edit, run) => {
      const now = names.table(name, 'ALTER TABLE').entry;
      if (now !== entry) throw new StaleNames('the table has changed');
      let altered: TableEntry = entry;
      for (const alteration of alterations) altered = await alteration(altered, run, context);
      edit.put(altered);
      return statusRow(`Table ${entry.name} successfully altered.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
}

/** What ALTER TABLE has to do, in its own words. */
function differences(entry: TableEntry, wanted: ColumnDefinitions): string[] {
  const words: string[] = [];
  const before = new Map(entry.columns.map((column) => [column.name, column]));
  for (const column of entry.columns) {
    if (!wanted.columns.some(({ name }) => name === column.name)) words.push(`DROP COLUMN ${quoteName(column.name)}`);
  }
  for (const column of wanted.columns) {
    const old = before.get(column.name);
    if (old === undefined) words.push(`ADD COLUMN ${written(column)}`);
    else words.push(...columnDifferences(old, column));
  }
  return words;
}

function columnDifferences(old: ColumnEntry, column: ColumnEntry): string[] {
  const altered = `ALTER COLUMN ${quoteName(column.name)}`;
  const words: string[] = [];
  if (old.expression !== column.expression) throw unsupported('CREATE OR ALTER of a virtual column');
  if (showType(old.type) !== showType(column.type)) words.push(`${altered} SET DATA TYPE ${showType(column.type)}`);
  if (old.nullable !== column.nullable) words.push(`${altered} ${column.nullable ? 'DROP' : 'SET'} NOT NULL`);
  if (old.default !== undefined && column.default === undefined) words.push(`${altered} DROP DEFAULT`);
  if (column.default !== undefined && old.default !== column.default) {
    words.push(`${altered} SET DEFAULT ${column.default}`);
  }
  if ((old.comment ?? '') !== (column.comment ?? ''))
    words.push(`${altered} COMMENT ${duckString(column.comment ?? '')}`);
  return words;
}

function written(column: ColumnEntry): string {
  const parts = [quoteName(column.name), showType(column.type)];
  if (column.expression !== undefined) parts.push(`AS (${column.expression})`);
  if (!column.nullable) parts.push('NOT NULL');
  if (column.default !== undefined) parts.push(`DEFAULT ${column.default}`);
  if (column.comment !== undefined) parts.push(`COMMENT ${duckString(column.comment)}`);
  return parts.join(' ');
}
