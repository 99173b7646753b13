import type { Catalog, CatalogEdit } from '../../engine/catalog/catalog.js';
import type { ColumnEntry, Entry, EntryKind, EntryOf, SchemaEntry, TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext, RunSql } from '../../engine/command.js';
import {
  columnList,
  createPhysicalSequence,
  createPhysicalTable,
  physicalName,
  physicalPlace,
} from '../../engine/physical-table.js';
import { duckString } from '../lexer.js';
import { type ClonedPast, clonedRows, wasThere } from './clone-moment.js';
import { nextValueOf } from './sequence-default.js';
import { nextValue } from './sequence-values.js';

/** The children of a kind: those of now, or those that were there at a moment of the past and have not been purged since. */
export function childrenAt<K extends EntryKind>(
  catalog: Catalog,
  parent: number,
  kind: K,
  past: ClonedPast | undefined,
): readonly EntryOf<K>[] {
  const live = catalog.children(parent, kind);
  if (past === undefined) return live;
  const found = new Map<string, EntryOf<K>>();
  for (const entry of [...live, ...catalog.dropped(parent, kind)]) {
    if (wasThere(entry, past.at) && !found.has(entry.name)) found.set(entry.name, entry);
  }
  return [...found.values()];
}

interface SchemaCopy {
  readonly source: SchemaEntry;
  readonly target: SchemaEntry;
}

/** Where the copies go: the name of the database, and the past that they are made from. */
interface Cloning {
  readonly database: string;
  readonly past: ClonedPast | undefined;
}

/** The copies of sequences, by the DEFAULT that takes the next value of the one copied. */
type CopiedSequences = Map<string, { readonly text: string; readonly sql: string }>;

/**
 * CLONE of schemas: their tables with their rows, their views, sequences, routines and file formats, under the new schemas. A column that takes
 * its default from a sequence that is copied too takes it from the copy.
 */
export async function copySchemas(
  copies: readonly SchemaCopy[],
  cloning: Cloning,
  context: CommandContext,
  edit: CatalogEdit,
  run: RunSql,
): Promise<void> {
  const { past } = cloning;
  const { catalog } = context.names;
  const sequences: CopiedSequences = new Map();
  for (const copy of copies) {
    edit.put({ ...copy.target, createdAt: context.now });
    await copySequences(copy, cloning, sequences, context, edit, run);
  }
  const sqlOf = new Map([...sequences.values()].map(({ text, sql }) => [text, sql]));
  const translate = (text: string): string => sqlOf.get(text) ?? context.translateExpression(text, 'CLONE');
  for (const { source, target } of copies) {
    for (const entry of childrenAt(catalog, source.id, 'table', past)) {
      const rows =
        past === undefined
          ? physicalName(entry)
          : clonedRows(() => `(${context.rowsAt(entry, past.at)}) AS "past"`, past);
      if (rows === undefined) continue;
      const { droppedAt: _at, ...table } = entry;
      const columns = table.columns.map((column) => {
        const copied = sequences.get(column.default ?? '');
        return copied === undefined ? column : { ...column, default: copied.text };
      });
      await copyTable(entry, { ...table, columns, parent: target.id }, context, edit, run, rows, translate);
    }
    for (const kind of ['view', 'function', 'procedure', 'file format'] as const) {
      for (const { droppedAt: _at, ...entry } of childrenAt(catalog, source.id, kind, past))
        edit.put({ ...entry, id: context.newId(), parent: target.id, createdAt: context.now } as Entry);
    }
  }
}

async function copySequences(
  { source, target }: SchemaCopy,
  { database, past }: Cloning,
  sequences: CopiedSequences,
  context: CommandContext,
  edit: CatalogEdit,
  run: RunSql,
): Promise<void> {
  const { catalog } = context.names;
  const from = catalog.get(source.parent)?.name ?? '';
  for (const { droppedAt: _at, ...sequence } of childrenAt(catalog, source.id, 'sequence', past)) {
    const id = context.newId();
    const physical = { schema: `s${target.id}`, table: `q${id}` };
    const copy = { ...sequence, id, parent: target.id, createdAt: context.now, physical };
    await createPhysicalSequence({ ...copy, start: await nextValue(sequence, context) }, run);
    edit.put(copy);
    sequences.set(nextValueOf([from, source.name, sequence.name]), {
      text: nextValueOf([database, target.name, sequence.name]),
      sql: `nextval('${physical.schema}.${physical.table}')`,
    });
  }
}

/** CLONE of a table: `target` is the new entry but for its id and its physical name; `rows`: DuckDB SQL of its rows, those of now without it. */
export async function copyTable(
  source: TableEntry,
  target: TableEntry,
  context: CommandContext,
  edit: CatalogEdit,
  run: RunSql,
  rows: string = physicalName(source),
  translate = (text: string): string => context.translateExpression(text, 'CREATE TABLE'),
): Promise<void> {
  const id = context.newId();
  const copy: TableEntry = {
    ...target,
    id,
    createdAt: context.now,
    imagesSince: context.now,
    physical: physicalPlace(id, target.parent, target.durability === 'TEMPORARY'),
  };
  const columns = await Promise.all(copy.columns.map((column) => goingOn(column, source, context)));
  await createPhysicalTable({ ...copy, columns }, run, translate);
  const list = columnList(copy);
  await run(`INSERT INTO ${physicalName(copy)} (${list}) SELECT ${list} FROM ${rows}`);
  edit.put(copy);
}

/** An identity column that goes on in the copy where it has got to in the source. */
async function goingOn(column: ColumnEntry, source: TableEntry, context: CommandContext): Promise<ColumnEntry> {
  const { identity } = column;
  if (identity === undefined) return column;
  const { table } = source.physical;
  const [row] = await context.rows(
    `SELECT last_value FROM duckdb_sequences() WHERE sequence_name = (SELECT regexp_extract(column_default, '(\\w+)''\\)$', 1) FROM duckdb_columns() WHERE table_name = ${duckString(table)} AND column_name = ${duckString(column.name)})`,
  );
  const last = row?.[0];
  if (last === null || last === undefined) return column;
  return { ...column, identity: { ...identity, start: Number(last) + identity.increment } };
}
