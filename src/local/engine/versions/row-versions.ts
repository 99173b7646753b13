import { quoteName } from '../../sql/lexer.js';
import type { TableEntry } from '../catalog/entries.js';

/**
 * How rows of the past are kept. Each row carries the stamp of the transaction that wrote it: the moment when that transaction began, in
 * microseconds since the epoch. Before rows are changed or deleted, images of them go to a table beside the table, with the stamp of the
 * transaction that ended them. A row of the table was there at a moment when it was born by then, an image when it had not died yet.
 */

/** The open transaction's stamp. */
export const STAMP = 'epoch_us(transaction_timestamp())';

/** Hidden column: stamp of the transaction that wrote the row as it is. */
export const BORN = '"$born"';
/** Hidden column: what tells the row from others once it was updated, where its changes are tracked. */
export const ROW = '"$row"';
/** Of an image: stamp of the transaction that ended it. */
export const DIED = '"$died"';

/** The hidden columns, as CREATE TABLE has them. */
export const HIDDEN_COLUMNS = [`${BORN} BIGINT DEFAULT (${STAMP})`, `${ROW} UBIGINT`] as const;

/** Their definitions in the table of images. */
export const IMAGE_COLUMNS = [`${BORN} BIGINT`, `${ROW} UBIGINT`, `${DIED} BIGINT DEFAULT (${STAMP})`] as const;

/** DuckDB's name of the table that holds the images of a table's rows. */
export function imagesName({ physical, durability }: Pick<TableEntry, 'physical' | 'durability'>): string {
  const table = quoteName(`h${physical.table.slice(1)}`);
  return durability === 'TEMPORARY' ? `temp.main.${table}` : `${quoteName(physical.schema)}.${table}`;
}

/** Of a statement that changes more rows than this, no images are kept unless a retention time was asked for. */
export const MOST_IMAGES = 250_000;

/**
 * DuckDB SQL that keeps images of rows. Rows that the transaction itself wrote were never seen by anybody else. `alias` is the table's
 * name in `where`; `row` gives what the row is known by from now on.
 */
export function keepImagesSql({
  from,
  into,
  columns,
  alias,
  where,
  row = ROW,
  most,
}: {
  readonly from: string;
  readonly into: string;
  readonly columns: readonly string[];
  readonly alias: string;
  readonly where?: string | undefined;
  readonly row?: string | undefined;
  /** One more than these are written at most, which tells that they are too many. */
  readonly most?: number | undefined;
}): string {
  const names = columns.map((name) => `${quoteName(name)}, `).join('');
  const condition = where === undefined ? '' : ` AND (${where})`;
  const limit = most === undefined ? '' : ` LIMIT ${most + 1}`;
  return (
    `INSERT INTO ${into} (${names}${BORN}, ${ROW}) SELECT ${names}${BORN}, ${row} FROM ${from} AS ${quoteName(alias)}` +
    ` WHERE ${BORN} <> ${STAMP}${condition}${limit}`
  );
}
