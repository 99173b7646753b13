import type { ColumnEntry, TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext, RunSql } from '../../engine/command.js';
import { createPhysicalTable, physicalName, physicalPlace } from '../../engine/physical-table.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { quoteName } from '../lexer.js';

/** The same rows under new columns: those that the table has already are copied, the others take their default. */
export async function rebuildTable(
  table: TableEntry,
  columns: readonly ColumnEntry[],
  run: RunSql,
  context: CommandContext,
): Promise<TableEntry> {
  const physical = physicalPlace(context.newId(), table.parent, table.durability === 'TEMPORARY');
  const rebuilt: TableEntry = { ...table, columns, physical };
  await createPhysicalTable(rebuilt, run, (text) => context.translateExpression(text, 'ALTER TABLE'));
  const kept = columns.filter(({ name }) => table.columns.some((column) => column.name === name));
  const names = kept.map(({ name }) => quoteName(name)).join(', ');
  const values = kept.map(({ name, type }) => `CAST(${quoteName(name)} AS ${duckdbTypeOf(type)})`).join(', ');
  await run(`INSERT INTO ${physicalName(rebuilt)} (${names}) SELECT ${values} FROM ${physicalName(table)}`);
  await run(`DROP TABLE ${physicalName(table)}`);
  return rebuilt;
}
