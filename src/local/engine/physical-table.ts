import { quoteName } from '../sql/lexer.js';
import type { ColumnEntry, SequenceEntry, TableEntry } from './catalog/entries.js';
import type { RunSql } from './command.js';
import { LocalError } from './local-error.js';
import { duplicateColumn } from './snowflake-errors.js';
import { columnTypeOf } from './types/duckdb-type.js';
import { showType } from './types/show-type.js';
import { MAX_BINARY_LENGTH, MAX_TEXT_LENGTH } from './types/snowflake-type-of.js';
import { gapSql } from './versions/commit-log.js';
import { HIDDEN_COLUMNS, IMAGE_COLUMNS, imagesName } from './versions/row-versions.js';

/** DuckDB's only schema for a session's temporary tables. */
const TEMPORARY_SCHEMA = 'main';

/** The name under which DuckDB keeps the table of that id. */
export function physicalPlace(id: number, schemaId: number, temporary: boolean): TableEntry['physical'] {
  return { schema: temporary ? TEMPORARY_SCHEMA : `s${schemaId}`, table: `t${id}` };
}

/** DuckDB SQL of a column's default, from the text in the catalog. */
export type TranslateDefault = (text: string) => string;

/** The table's DuckDB name. */
export function physicalName(entry: TableEntry): string {
  const { schema, table } = entry.physical;
  return entry.durability === 'TEMPORARY'
    ? `temp.main.${quoteName(table)}`
    : `${quoteName(schema)}.${quoteName(table)}`;
}

/** Its columns in DuckDB as a list, without the hidden ones. */
export function columnList(entry: TableEntry): string {
  return entry.columns.map(({ name }) => quoteName(name)).join(', ');
}

/** Makes DuckDB's table (with the one for images of its rows, and the sequences behind its identity columns) for a table of the catalog. */
export async function createPhysicalTable(entry: TableEntry, run: RunSql, translate: TranslateDefault): Promise<void> {
  assertDistinct(entry.columns);
  if (entry.durability !== 'TEMPORARY') await run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(entry.physical.schema)}`);
  const columns: string[] = [];
  for (const [i, column] of entry.columns.entries()) {
    columns.push(await columnDefinition(entry, column, i, run, translate));
  }
  const temporary = entry.durability === 'TEMPORARY' ? 'TEMPORARY ' : '';
  if (entry.imagesSince !== undefined) {
    columns.push(...HIDDEN_COLUMNS);
    await createImagesTable(entry, run);
  }
  await run(`CREATE ${temporary}TABLE ${physicalName(entry)} (${columns.join(', ')})`);
}

/** Makes the table that takes images of its rows. */
export async function createImagesTable(entry: TableEntry, run: RunSql): Promise<void> {
  const temporary = entry.durability === 'TEMPORARY' ? 'TEMPORARY ' : '';
  const columns = entry.columns.map(({ name, type }) => `${quoteName(name)} ${columnTypeOf(type)}`);
  await run(`CREATE ${temporary}TABLE ${imagesName(entry)} (${[...columns, ...IMAGE_COLUMNS].join(', ')})`);
}

/** Drops it, with what was made beside it but for the sequences. */
export async function dropPhysicalTable(entry: TableEntry, run: RunSql): Promise<void> {
  await run(`DROP TABLE IF EXISTS ${physicalName(entry)}`);
  if (entry.imagesSince !== undefined) await run(`DROP TABLE IF EXISTS ${imagesName(entry)}`);
}

/**
 * Alters the shape of DuckDB's table, and of the images of its rows with it: ADD, DROP and RENAME COLUMN, SET DATA TYPE. Images take no
 * numbers from a sequence.
 */
export async function reshapePhysicalTable(entry: TableEntry, clause: string, run: RunSql): Promise<void> {
  await run(`ALTER TABLE ${physicalName(entry)} ${clause}`);
  if (entry.imagesSince === undefined) return;
  await run(`ALTER TABLE ${imagesName(entry)} ${clause.replace(/ DEFAULT \(nextval\(.*\)\)/, '')}`);
}

/** Before a column gets another type: images are forgotten where a value of theirs does not fit it. */
export async function forgetUnfitImages(entry: TableEntry, column: string, type: string, run: RunSql): Promise<void> {
  if (entry.imagesSince === undefined) return;
  const images = imagesName(entry);
  const unfit = `${quoteName(column)} IS NOT NULL AND TRY_CAST(${quoteName(column)} AS ${type}) IS NULL`;
  if ((await run(`${gapSql(entry.id)} WHERE EXISTS (SELECT 1 FROM ${images} WHERE ${unfit})`)) === 0) return;
  await run(`DROP TABLE ${images}`);
  await createImagesTable(entry, run);
}

/** `"NAME" TYPE NOT NULL DEFAULT …`, its identity sequence made. */
export async function columnDefinition(
  entry: TableEntry,
  column: ColumnEntry,
  ordinal: number,
  run: RunSql,
  translate: TranslateDefault,
): Promise<string> {
  const parts = [quoteName(column.name), columnTypeOf(column.type)];
  const value = await defaultOf(entry, column, ordinal, run, translate);
  if (value !== undefined) parts.push(`DEFAULT (${value})`);
  if (!column.nullable) parts.push('NOT NULL');
  const check = lengthCheck(column);
  if (check !== undefined) parts.push(check);
  return parts.join(' ');
}

export async function createPhysicalSequence(entry: SequenceEntry, run: RunSql): Promise<void> {
  await run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(entry.physical.schema)}`);
  await run(sequenceDefinition(`${quoteName(entry.physical.schema)}.${quoteName(entry.physical.table)}`, entry));
}

/**
 * The DEFAULT as an expression of the column's own type, for types that DuckDB would not cast it to as Snowflake does. How a text is read as
 * TIMESTAMP_TZ takes a subquery, which DuckDB allows in no DEFAULT.
 */
export function castDefault(text: string, { type }: ColumnEntry): string {
  const cast = type.name === 'VARIANT' || (type.name === 'TIMESTAMP_TZ' && !text.startsWith("'"));
  return cast ? `CAST((${text}) AS ${showType(type)})` : text;
}

async function defaultOf(
  entry: TableEntry,
  column: ColumnEntry,
  ordinal: number,
  run: RunSql,
  translate: TranslateDefault,
): Promise<string | undefined> {
  if (column.identity === undefined)
    return column.default === undefined ? undefined : translate(castDefault(column.default, column));
  const name = `${entry.physical.table}_c${ordinal}`;
  const temporary = entry.durability === 'TEMPORARY';
  const qualified = temporary ? `temp.main.${name}` : `${entry.physical.schema}.${name}`;
  await run(sequenceDefinition(qualified, column.identity, temporary));
  return `nextval('${qualified}')`;
}

/** Whether DuckDB must check the column's length: it has no VARCHAR(n) and no BINARY(n) of its own. */
export function hasLengthCheck({ type }: ColumnEntry): boolean {
  return (
    (type.name === 'TEXT' && type.length < MAX_TEXT_LENGTH) ||
    (type.name === 'BINARY' && type.length < MAX_BINARY_LENGTH)
  );
}

function lengthCheck(column: ColumnEntry): string | undefined {
  if (!hasLengthCheck(column)) return undefined;
  const name = quoteName(column.name);
  const { type } = column;
  if (type.name === 'BINARY') {
    return `CHECK (CASE WHEN octet_length(${name}) > ${type.length} THEN error('100145/22000: Binary value ''' || hex(${name}) || ''' is too long and would be truncated') ELSE true END)`;
  }
  if (type.name !== 'TEXT') return undefined;
  return `CHECK (CASE WHEN length(${name}) > ${type.length} THEN error('100078/22000: String ''' || ${name} || ''' is too long and would be truncated') ELSE true END)`;
}

function sequenceDefinition(
  name: string,
  { start, increment }: { readonly start: number; readonly increment: number },
  temporary = false,
): string {
  if (increment === 0)
    throw new LocalError('001008', '22023', "SQL compilation error:\ninvalid value [0] for parameter 'INCREMENT'");
  const bounds =
    increment > 0
      ? `MINVALUE ${Math.min(start, 1)} MAXVALUE 9223372036854775807`
      : `MINVALUE -9223372036854775807 MAXVALUE ${Math.max(start, -1)}`;
  // DuckDB takes the bounds for those of an ascending sequence unless the step stands before them.
  return `CREATE ${temporary ? 'TEMPORARY ' : ''}SEQUENCE ${name} INCREMENT BY ${increment} ${bounds} START WITH ${start}`;
}

/** DuckDB compares column names without regard to case; names that differ in case alone cannot live in one table here. */
function assertDistinct(columns: readonly ColumnEntry[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw duplicateColumn(name);
    seen.add(folded);
  }
}
