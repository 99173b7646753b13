import { quoteName } from '../../sql/lexer.js';
import type { TableEntry } from '../catalog/entries.js';
import { columnList, physicalName } from '../physical-table.js';
import { BORN, DIED, imagesName, ROW } from './row-versions.js';

/** A moment in microseconds since the epoch, and the stamps up to it of transactions that were open then. */
export interface Horizon {
  readonly at: number;
  readonly open: readonly string[];
}

/** DuckDB SQL of the table's rows as they were at a moment, its columns as they are now. */
export function rowsAtSql(entry: TableEntry, horizon: Horizon): string {
  const list = columnList(entry);
  if (entry.imagesSince === undefined) return `SELECT ${list} FROM ${physicalName(entry)}`;
  return (
    `SELECT ${list} FROM ${physicalName(entry)} WHERE ${happened(BORN, horizon)}` +
    ` UNION ALL SELECT ${list} FROM ${imagesName(entry)} WHERE ${happened(BORN, horizon)} AND NOT ${happened(DIED, horizon)}`
  );
}

/**
 * DuckDB SQL of what changed in the table's rows between two moments, up to now without `until`: the difference alone, or all
 * rows that were inserted, as they were when they were. A row that was updated is there with its DELETE and its INSERT.
 */
export function changesSql(entry: TableEntry, from: Horizon, until: Horizon | undefined, appendOnly: boolean): string {
  const names = entry.columns.map(({ name }) => quoteName(name)).join(', ');
  const [born, died] = [`v.${BORN}`, `v.${DIED}`];
  const versions =
    `SELECT ${names}, ${BORN}, ${ROW}, NULL AS ${DIED}, 'r' || rowid AS "$place" FROM ${physicalName(entry)}` +
    ` UNION ALL SELECT ${names}, ${BORN}, ${ROW}, ${DIED}, 'h' || rowid FROM ${imagesName(entry)}`;
  const ended = until === undefined ? `${died} IS NOT NULL` : `coalesce(${happened(died, until)}, FALSE)`;
  const begun = until === undefined ? 'TRUE' : happened(born, until);
  const before = `(${happened(born, from)} AND NOT coalesce(${happened(died, from)}, FALSE))`;
  const after = `(${begun} AND NOT ${ended})`;
  const known = `sha1('${entry.id}/' || coalesce(v.${ROW}::VARCHAR, v.${BORN} || v."$place"))`;
  const cells = (action: string, isUpdate: string): string =>
    `${names}, '${action}' AS "METADATA$ACTION", ${isUpdate} AS "METADATA$ISUPDATE", ${known} AS "METADATA$ROW_ID"`;
  if (appendOnly) {
    const updated = `EXISTS (SELECT 1 FROM "versions" AS w WHERE w.${ROW} = v.${ROW} AND w.${DIED} = ${born})`;
    const inserted = `${begun} AND NOT ${happened(born, from)} AND NOT ${updated}`;
    return `WITH "versions" AS (${versions}) SELECT ${cells('INSERT', 'FALSE')} FROM "versions" AS v WHERE ${inserted}`;
  }
  const same = (other: string): string => `EXISTS (SELECT 1 FROM ${other} AS w WHERE w.${ROW} = v.${ROW})`;
  return (
    `WITH "versions" AS (${versions}),` +
    ` "removed" AS (SELECT * FROM "versions" AS v WHERE ${before} AND NOT ${after}),` +
    ` "added" AS (SELECT * FROM "versions" AS v WHERE ${after} AND NOT ${before})` +
    ` SELECT ${cells('INSERT', same('"removed"'))} FROM "added" AS v` +
    ` UNION ALL SELECT ${cells('DELETE', same('"added"'))} FROM "removed" AS v`
  );
}

/** Whether the transaction of a stamp was committed by then. */
function happened(stamp: string, { at, open }: Horizon): string {
  if (open.length === 0) return `(${stamp} <= ${at})`;
  return `(${stamp} <= ${at} AND ${stamp} NOT IN (${open.join(', ')}))`;
}
