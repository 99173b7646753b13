import { ACCOUNT, type Entry, type EntryKind } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import type { LocalError } from '../../engine/local-error.js';
import { dropPhysicalTable } from '../../engine/physical-table.js';
import { statusRow } from '../../engine/result-table.js';
import { assertWritable, missing } from '../../engine/session-names.js';
import { notFound, ofAnotherType } from '../../engine/snowflake-errors.js';
import { unsupported } from '../syntax-error.js';
import { dropKept } from './kept/drop-kept.js';
import { acceptKept } from './kept/find-kept.js';
import { parseSignature, signatureOf } from './routine-signature.js';

const KINDS: Readonly<Record<string, { kind: EntryKind; label: string }>> = {
  DATABASE: { kind: 'database', label: 'Database' },
  SCHEMA: { kind: 'schema', label: 'Schema' },
  TABLE: { kind: 'table', label: 'Table' },
  VIEW: { kind: 'view', label: 'View' },
  SEQUENCE: { kind: 'sequence', label: 'Sequence' },
  STAGE: { kind: 'stage', label: 'Stage' },
  WAREHOUSE: { kind: 'warehouse', label: 'Warehouse' },
  ROLE: { kind: 'role', label: 'Role' },
  USER: { kind: 'user', label: 'User' },
  TAG: { kind: 'tag', label: 'Tag' },
  FUNCTION: { kind: 'function', label: 'Function' },
  PROCEDURE: { kind: 'procedure', label: 'Procedure' },
  STREAM: { kind: 'stream', label: 'Stream' },
  FILE: { kind: 'file format', label: 'File format' },
};

/** DROP kind [IF EXISTS] name [CASCADE | RESTRICT]. What is dropped can be had back by UNDROP for a day. */
export const drop: Command = async (cursor, context) => {
  cursor.expect('DROP');
  const kept = acceptKept(cursor);
  if (kept.length > 0) return await dropKept(kept, cursor, context);
  cursor.acceptOneOf('MATERIALIZED', 'DYNAMIC', 'HYBRID');
  const word = cursor.peek();
  const target = KINDS[word.value];
  if (target === undefined) throw word.kind === 'word' ? unsupported(`DROP ${word.value}`) : cursor.error();
  cursor.next();
  if (target.kind === 'file format') cursor.expect('FORMAT');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const path = cursor.name();
  const routine = target.kind === 'function' || target.kind === 'procedure';
  // Overloads are told apart by the types of their arguments.
  const name = routine ? [...path.slice(0, -1), signatureOf(path.at(-1) ?? '', parseSignature(cursor))] : path;
  cursor.acceptOneOf('CASCADE', 'RESTRICT');
  cursor.expectEnd();
  const last = path.at(-1) ?? '';
  let dropped: Entry | undefined;
  const table = await context.change({
    locks: locksFor(target.kind, name, context),
    work: async (edit, run) => {
      const found = find(target, name, context);
      if ('error' in found) {
        if (!ifExists) throw found.error;
        return statusRow(`Drop statement executed successfully (${last} already dropped).`);
      }
      const { entry } = found;
      if (entry.kind === 'table' && entry.durability === 'TEMPORARY') await dropPhysicalTable(entry, run);
      edit.drop(entry, context.now);
      dropped = entry;
      return statusRow(`${last} successfully dropped.`);
    },
  });
  // UNDROP knows no stages: their files are gone.
  if (dropped?.kind === 'stage') await context.stages.removeAll(`s${dropped.id}`);
  leaveDropped(context);
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function find(
  target: { kind: EntryKind; label: string },
  name: readonly string[],
  context: CommandContext,
): { entry: Entry } | { error: LocalError } {
  const { names } = context;
  const { kind, label } = target;
  const last = name.at(-1) ?? '';
  if (kind === 'database' || kind === 'warehouse' || kind === 'role' || kind === 'user') {
    const entry = names.catalog.find(ACCOUNT, kind, last);
    if (entry?.kind === 'database') assertWritable(entry);
    return entry === undefined ? { error: notFound(label, [last]) } : { entry };
  }
  try {
    if (kind === 'schema') {
      const { database, schema } = names.schema(name, 'DROP SCHEMA');
      assertWritable(database);
      return { entry: schema };
    }
    const place = names.writablePlace(name, `DROP ${label.toUpperCase()}`);
    const entry = names.findIn(place.schema, kind, last);
    if (entry !== undefined) return { entry };
    const other = kind === 'table' ? 'view' : kind === 'view' ? 'table' : undefined;
    if (other !== undefined && names.findIn(place.schema, other, last) !== undefined)
      throw ofAnotherType(other, other === 'view' ? 'table' : 'view');
    return { error: missing(label, place) };
  } catch (error) {
    // A schema or database that is not there holds no such object either.
    if (isMissing(error)) return { error };
    throw error;
  }
}

function isMissing(error: unknown): error is LocalError {
  return error instanceof Error && 'number' in error && error.number === '002003';
}

function locksFor(
  kind: EntryKind,
  name: readonly string[],
  context: CommandContext,
): { table: number; mode: 'exclusive' }[] {
  if (kind !== 'table') return [];
  const found = find({ kind, label: 'Table' }, name, context);
  return 'entry' in found ? [{ table: found.entry.id, mode: 'exclusive' }] : [];
}

/** A session whose current schema or database has gone has none. */
function leaveDropped(context: CommandContext): void {
  const { names, state } = context;
  const { database, schema, ...rest } = state.context;
  const there = database === undefined ? undefined : names.findDatabase(database);
  if (there === undefined) {
    state.context = rest;
    return;
  }
  const kept =
    schema !== undefined && (schema === 'INFORMATION_SCHEMA' || names.findSchema(there, schema) !== undefined);
  state.context = { ...rest, database: there.name, ...(kept ? { schema } : {}) };
}
