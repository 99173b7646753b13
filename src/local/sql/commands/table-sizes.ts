import type { TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { physicalName } from '../../engine/physical-table.js';

/** DuckDB keeps no size per table; rows times this many bytes a column is the order of magnitude. */
const BYTES_A_CELL = 8;

/** Tables that are counted at once: what a query over more of them takes to be planned grows with the square of their number. */
const AT_ONCE = 64;

/** Row counts as committed now, and sizes estimated from them. */
export async function tableSizes(
  tables: readonly TableEntry[],
  context: CommandContext,
): Promise<Map<number, { rows: number; bytes: number }>> {
  const sizes = new Map<number, { rows: number; bytes: number }>();
  for (let from = 0; from < tables.length; from += AT_ONCE) {
    const some = new Map(tables.slice(from, from + AT_ONCE).map((table) => [table.id, table]));
    const counts = [...some.values()].map((table) => `SELECT ${table.id}, count(*) FROM ${physicalName(table)}`);
    for (const [id, count] of await context.rows(counts.join(' UNION ALL '))) {
      const rows = Number(count);
      sizes.set(Number(id), { rows, bytes: rows * BYTES_A_CELL * (some.get(Number(id))?.columns.length ?? 1) });
    }
  }
  return sizes;
}
