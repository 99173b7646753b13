import { duckString, quoteName } from '../sql/lexer.js';
import type { ColumnInfo } from '../sql/scope.js';
import type { StreamEntry, TableEntry } from './catalog/entries.js';
import { LocalError } from './local-error.js';
import { columnList, physicalName } from './physical-table.js';
import { showName } from './snowflake-errors.js';
import { moveOffsetSql } from './versions/commit-log.js';

/** The column of a stream's copy that holds the row's number in DuckDB. */
const ROW = '"$rowid"';

/** The columns that changes have beside the table's own. */
export const STREAM_METADATA: readonly ColumnInfo[] = [
  { name: 'METADATA$ACTION', type: { name: 'TEXT', length: 16_777_216 }, nullable: false },
  { name: 'METADATA$ISUPDATE', type: { name: 'BOOLEAN' }, nullable: false },
  { name: 'METADATA$ROW_ID', type: { name: 'TEXT', length: 16_777_216 }, nullable: false },
];

function streamCopy(stream: StreamEntry): string {
  return `${quoteName(stream.physical.schema)}.${quoteName(stream.physical.table)}`;
}

/** DuckDB SQL that makes the copy which a stream compares with; without rows, all that the table has are new. */
export function createCopySql(stream: StreamEntry, table: TableEntry, showInitialRows: boolean): string {
  const nothing = showInitialRows ? ' WHERE FALSE' : '';
  return `CREATE TABLE ${streamCopy(stream)} AS SELECT ${columnList(table)}, rowid AS ${ROW} FROM ${physicalName(table)}${nothing}`;
}

/** DuckDB SQL that moves the stream's offset to now. */
export function advanceSql(stream: StreamEntry, table: TableEntry): readonly string[] {
  return [
    `DELETE FROM ${streamCopy(stream)}`,
    `INSERT INTO ${streamCopy(stream)} SELECT ${columnList(table)}, rowid FROM ${physicalName(table)}`,
    moveOffsetSql(stream.id),
  ];
}

/** The table's columns and those of the stream's own. */
export function streamColumns(table: TableEntry): readonly ColumnInfo[] {
  return [...table.columns, ...STREAM_METADATA];
}

/**
 * DuckDB SQL of what has changed since the offset. Rows are compared whole, repeated ones counted; a row that was there and is
 * there with other values, by its number in DuckDB, is an update: its DELETE and its INSERT.
 */
export function changesSql(stream: StreamEntry, table: TableEntry): string {
  const names = table.columns.map(({ name }) => quoteName(name));
  const list = names.join(', ');
  const counted = (row: string, from: string): string =>
    `SELECT ${list}, ${row} AS "rid", row_number() OVER (PARTITION BY ${list} ORDER BY ${row}) AS "nth" FROM ${from}`;
  const same = [...names, '"nth"'].map((name) => `a.${name} IS NOT DISTINCT FROM b.${name}`).join(' AND ');
  const only = (a: string, b: string): string => `SELECT a.* FROM ${a} AS a ANTI JOIN ${b} AS b ON ${same}`;
  const cells = (action: string, other: string): string =>
    `${list}, ${duckString(action)} AS "METADATA$ACTION", "rid" IN (SELECT "rid" FROM ${other}) AS "METADATA$ISUPDATE",` +
    ` sha1('${stream.table}/' || "rid") AS "METADATA$ROW_ID"`;
  const inserted = `SELECT ${cells('INSERT', '"removed"')} FROM "added"`;
  const changes = stream.appendOnly
    ? `SELECT * FROM (${inserted}) AS "new" WHERE NOT "METADATA$ISUPDATE"`
    : `${inserted} UNION ALL SELECT ${cells('DELETE', '"added"')} FROM "removed"`;
  return (
    `WITH "now" AS (${counted('rowid', physicalName(table))}), "then" AS (${counted(ROW, streamCopy(stream))}),` +
    ` "added" AS (${only('"now"', '"then"')}), "removed" AS (${only('"then"', '"now"')}) ${changes}`
  );
}

/** Whether the table has the columns that it had when the stream was made. */
export function isFresh(stream: StreamEntry, table: TableEntry): boolean {
  return table.columns.map(({ name }) => name).join() === stream.columns.join();
}

/** Throws when the stream's table is gone or has other columns than when the stream was made. */
export function assertFresh(stream: StreamEntry, table: TableEntry | undefined): asserts table is TableEntry {
  if (table === undefined || table.droppedAt !== undefined) {
    throw new LocalError(
      '091111',
      '02000',
      `SQL execution error: Base table of stream '${showName([stream.name])}' dropped, cannot read from the stream.`,
    );
  }
  if (isFresh(stream, table)) return;
  throw new LocalError(
    '091093',
    '55000',
    `The columns of the base table of stream '${showName([stream.name])}' have changed: the local stream is stale. Create it again.`,
  );
}
