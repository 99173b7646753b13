import type { CatalogEdit } from '../../engine/catalog/catalog.js';
import type { Entry, SchemaEntry, TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext, RunSql } from '../../engine/command.js';
import {
  columnList,
  createPhysicalSequence,
  createPhysicalTable,
  physicalName,
  physicalPlace,
} from '../../engine/physical-table.js';

/** CLONE of a schema: its tables with their rows, its views and its sequences, under the new schema. */
export async function copySchema(
  source: SchemaEntry,
  target: SchemaEntry,
  context: CommandContext,
  edit: CatalogEdit,
  run: RunSql,
): Promise<void> {
  edit.put({ ...target, createdAt: context.now });
  const { catalog } = context.names;
  for (const table of catalog.children(source.id, 'table')) {
    await copyTable(table, { ...table, parent: target.id }, context, edit, run);
  }
  for (const view of catalog.children(source.id, 'view')) {
    edit.put({ ...view, id: context.newId(), parent: target.id, createdAt: context.now });
  }
  for (const kind of ['function', 'procedure', 'file format'] as const) {
    for (const entry of catalog.children(source.id, kind)) {
      edit.put({ ...entry, id: context.newId(), parent: target.id, createdAt: context.now } as Entry);
    }
  }
  for (const sequence of catalog.children(source.id, 'sequence')) {
    const id = context.newId();
    const copy = {
      ...sequence,
      id,
      parent: target.id,
      createdAt: context.now,
      physical: { schema: `s${target.id}`, table: `q${id}` },
    };
    await createPhysicalSequence(copy, run);
    edit.put(copy);
  }
}

/** CLONE of a table: `target` is the new entry but for its id and its physical name. */
export async function copyTable(
  source: TableEntry,
  target: TableEntry,
  context: CommandContext,
  edit: CatalogEdit,
  run: RunSql,
): Promise<void> {
  const id = context.newId();
  const copy: TableEntry = {
    ...target,
    id,
    createdAt: context.now,
    imagesSince: context.now,
    physical: physicalPlace(id, target.parent, target.durability === 'TEMPORARY'),
  };
  await createPhysicalTable(copy, run, (text) => context.translateExpression(text, 'CREATE TABLE'));
  const list = columnList(copy);
  await run(`INSERT INTO ${physicalName(copy)} (${list}) SELECT ${list} FROM ${physicalName(source)}`);
  edit.put(copy);
}
