import type { ColumnEntry, TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext, RunSql } from '../../engine/command.js';
import {
  castDefault,
  createPhysicalTable,
  dropPhysicalTable,
  physicalName,
  physicalPlace,
} from '../../engine/physical-table.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { BORN, DIED, imagesName, ROW } from '../../engine/versions/row-versions.js';
import { quoteName } from '../lexer.js';

/** The same rows, those of the past too, under new columns: those that the table has already are copied, the others take their default. */
export async function rebuildTable(
  table: TableEntry,
  columns: readonly ColumnEntry[],
  run: RunSql,
  context: CommandContext,
): Promise<TableEntry> {
  const physical = physicalPlace(context.newId(), table.parent, table.durability === 'TEMPORARY');
  const rebuilt: TableEntry = { ...table, columns, physical };
  const translate = (text: string): string => context.translateExpression(text, 'ALTER TABLE');
  await createPhysicalTable(rebuilt, run, translate);
  const kept = columns.filter(({ name }) => table.columns.some((column) => column.name === name));
  const names = kept.map(({ name }) => quoteName(name));
  const values = kept.map(({ name, type }) => `CAST(${quoteName(name)} AS ${duckdbTypeOf(type)})`);
  const copy = async (into: string, from: string, cells: readonly (readonly [name: string, value: string])[]) => {
    const targets = [...names, ...cells.map(([name]) => name)].join(', ');
    const sources = [...values, ...cells.map(([, value]) => value)].join(', ');
    await run(`INSERT INTO ${into} (${targets}) SELECT ${sources} FROM ${from}`);
  };
  const stamps = table.imagesSince === undefined ? [] : ([BORN, ROW] as const);
  const own = stamps.map((name) => [name, name] as const);
  await copy(physicalName(rebuilt), physicalName(table), own);
  if (table.imagesSince !== undefined) {
    const added = columns.flatMap((column) =>
      column.default === undefined || kept.some(({ name }) => name === column.name)
        ? []
        : [[quoteName(column.name), translate(castDefault(column.default, column))] as const],
    );
    await copy(imagesName(rebuilt), imagesName(table), [...added, ...own, [DIED, DIED]]);
  }
  await dropPhysicalTable(table, run);
  return rebuilt;
}
