import { BORN, keepImagesSql, ROW, STAMP } from '../../engine/versions/row-versions.js';
import { quoteName } from '../lexer.js';
import type { Translation } from '../translation.js';
import type { Context } from './context.js';
import { physicalName } from './relation.js';
import type { Table } from './target-table.js';

export type ImagesPart = NonNullable<Translation['parts']>[number];

/**
 * The part of a statement that keeps images of the rows which it changes: those under `where`, in which the table is called `alias`; all
 * without it. To be called once all binds of the statement are gathered. Empty for a table whose rows have none.
 */
export function keptImages(table: Table, alias: string, where: string | undefined, cx: Context): readonly ImagesPart[] {
  const { images } = table;
  if (images === undefined) return [];
  const { binds } = cx.gathered;
  const named = binds.map((_, i) => `$${i + 1}`).join(', ');
  const conditions = [where, binds.length === 0 ? undefined : `(row(${named}) IS NULL OR TRUE)`];
  const condition = conditions.flatMap((one) => (one === undefined ? [] : [`(${one})`])).join(' AND ');
  const sql = keepImagesSql({
    from: physicalName(table),
    into: images.into,
    columns: table.columns.map(({ name }) => name),
    alias,
    where: condition === '' ? undefined : condition,
    row: images.tracked ? knownRow(alias) : undefined,
    most: images.most,
  });
  return [{ sql, counts: 'images', images: { ...images, of: table.id } }];
}

/** What UPDATE sets beside the statement's own columns. */
export function stamped(table: Table, alias: string): readonly string[] {
  if (table.images === undefined) return [];
  return [`${BORN} = ${STAMP}`, ...(table.images.tracked ? [`${ROW} = ${knownRow(alias)}`] : [])];
}

/** The rows of a join of the table with others, as a condition on the table. */
export function rowsOfJoin(table: Table, alias: string, others: string, where: string): string {
  const rowid = `${quoteName(alias)}.rowid`;
  return `${rowid} IN (SELECT ${rowid} FROM ${physicalName(table)} AS ${quoteName(alias)}, ${others}${where})`;
}

/** What a row is known by from its first update on. */
function knownRow(alias: string): string {
  const row = `${quoteName(alias)}.`;
  return `coalesce(${row}${ROW}, hash(${row}rowid, ${STAMP}))`;
}
