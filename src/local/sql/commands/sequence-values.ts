import type { SequenceEntry } from '../../engine/catalog/entries.js';
import type { CommandContext, RunSql } from '../../engine/command.js';
import { createPhysicalSequence } from '../../engine/physical-table.js';
import { duckString, quoteName } from '../lexer.js';

/** What the sequence gives next. */
export async function nextValue(
  { physical, start, increment }: SequenceEntry,
  context: CommandContext,
): Promise<number> {
  const { schema, table } = physical;
  const [row] = await context.rows(
    `SELECT last_value FROM duckdb_sequences() WHERE schema_name = ${duckString(schema)} AND sequence_name = ${duckString(table)}`,
  );
  const last = row?.[0];
  return last === null || last === undefined ? start : Number(last) + increment;
}

/** DuckDB cannot change a sequence's step: it goes on in a new one, which defaults of columns are told. */
export async function withIncrement(
  entry: SequenceEntry,
  increment: number,
  run: RunSql,
  context: CommandContext,
): Promise<SequenceEntry> {
  const next = await nextValue(entry, context);
  const { schema, table } = entry.physical;
  const started = next === entry.start ? next : next - entry.increment + increment;
  const physical = { schema, table: `q${context.newId()}` };
  await createPhysicalSequence({ ...entry, start: started, increment, physical }, run);
  const before = `'${schema}.${table}'`;
  const using = await context.rows(
    `SELECT database_name, schema_name, table_name, column_name, column_default FROM duckdb_columns() WHERE contains(column_default, ${duckString(before)})`,
  );
  for (const row of using) {
    const [database, home, name, column, value] = row.map(String);
    const qualified = [database, home, name].map((part) => quoteName(part ?? '')).join('.');
    const told = (value ?? '').replaceAll(before, `'${physical.schema}.${physical.table}'`);
    await run(`ALTER TABLE ${qualified} ALTER COLUMN ${quoteName(column ?? '')} SET DEFAULT ${told}`);
  }
  return { ...entry, increment, physical };
}
