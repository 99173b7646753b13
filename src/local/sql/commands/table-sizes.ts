import type { TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { physicalName } from '../../engine/physical-table.js';

/** DuckDB keeps no size per table; rows times this many bytes a column is the order of magnitude. */
const BYTES_A_CELL = 8;

/** Row counts as committed now, and sizes estimated from them. */
export async function tableSizes(
  tables: readonly TableEntry[],
  context: CommandContext,
): Promise<Map<number, { rows: number; bytes: number }>> {
  const sizes = new Map<number, { rows: number; bytes: number }>();
  if (tables.length === 0) return sizes;
  const counts = tables.map((table) => `SELECT ${table.id}, count(*) FROM ${physicalName(table)}`);
  const byId = new Map(tables.map((table) => [table.id, table]));
  for (const [id, count] of await context.rows(counts.join(' UNION ALL '))) {
    const rows = Number(count);
    sizes.set(Number(id), { rows, bytes: rows * BYTES_A_CELL * (byId.get(Number(id))?.columns.length ?? 1) });
  }
  return sizes;
}
