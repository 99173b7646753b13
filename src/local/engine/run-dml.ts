import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import { tokenize } from '../sql/lexer.js';
import type { KeptImages } from '../sql/scope.js';
import type { TranslatedVerb, Translation } from '../sql/translation.js';
import { arrayInsert } from './array-insert.js';
import { STATEMENT_TYPE } from './command.js';
import { type BoundValue, bindRows, bindTo, boundList, boundValue, isColumn } from './encoding/binds.js';
import type { StatementInput } from './engine.js';
import type { RememberedOutcome } from './request-memory.js';
import { column, NUMBER, type ResultTable } from './result-table.js';
import { assertWritable, type SessionNames } from './session-names.js';
import { StaleNames } from './stale-names.js';
import { advanceSql } from './stream-changes.js';
import type { LockMode, LockRequest } from './table-locks.js';
import type { SessionTransaction } from './transaction.js';
import { gapSql } from './versions/commit-log.js';
import { DIED, STAMP } from './versions/row-versions.js';

export interface DmlContext {
  readonly connection: DuckDBConnection;
  readonly names: SessionNames;
  readonly transaction: SessionTransaction;
  readonly signal: AbortSignal;
  readonly lockTimeoutMs: number;
  readonly autocommit: boolean;
  /** Writes the request's outcome in the same DuckDB transaction. */
  readonly record: (outcome: RememberedOutcome) => Promise<void>;
}

type WriteVerb = Exclude<TranslatedVerb, 'select'>;
type Count = 'inserted' | 'updated' | 'deleted';
/** `each`: rows of each part that inserts, in order. */
type Counts = Readonly<Record<Count, number>> & {
  readonly each: readonly number[];
  /** Updated rows that several rows of FROM met. */
  readonly multiJoined: number;
};

const MODE: Readonly<Record<WriteVerb, LockMode>> = {
  insert: 'append',
  update: 'modify',
  delete: 'modify',
  merge: 'modify',
};

const COUNTED: Readonly<Record<Exclude<WriteVerb, 'merge'>, Count>> = {
  insert: 'inserted',
  update: 'updated',
  delete: 'deleted',
};

/** What DuckDB computes anew each time: such a statement cannot be repeated to the same effect. */
const NOT_REPEATABLE =
  /\b(random|uuid|uuidv4|uuidv7|gen_random_uuid|nextval|setseed|encrypt_by_passphrase|encrypt_by_key)\s*\(/i;

/** The columns that such a statement answers with, before it has run. */
export function countColumns(translation: Translation, statement: string): ResultTable['columns'] {
  const verb = translation.verb as WriteVerb;
  const none = { inserted: 0, updated: 0, deleted: 0, multiJoined: 0, each: [] };
  return countsTable(verb, none, statement, translation.targets).columns;
}

function partsOf(translation: Translation): readonly DmlPart[] {
  if (translation.parts !== undefined) return translation.parts;
  const verb = translation.verb as WriteVerb;
  return [{ sql: translation.sql, counts: verb === 'merge' ? 'by action' : COUNTED[verb] }];
}

/**
 * Runs an INSERT, UPDATE, DELETE or MERGE and answers Snowflake's row of counts. `resolvedAt` is the catalog's number of
 * changes when the names were resolved; throws `StaleNames` when it has moved on by the time the locks are held.
 */
export async function runDml(
  translation: Translation,
  statement: string,
  input: StatementInput,
  context: DmlContext,
  resolvedAt: number,
): Promise<RememberedOutcome> {
  const verb = translation.verb as WriteVerb;
  const { names, transaction } = context;
  for (const table of translation.writes) {
    const database = names.databaseOf(table);
    if (database !== undefined) assertWritable(database);
  }
  if (!context.autocommit && !transaction.open) transaction.begin();
  const { parts, rows } = boundParts(translation, input);
  const advancing = streamsRead(translation, names).flatMap(({ stream, table }) => advanceSql(stream, table));
  const outcomeOf = (counts: Counts): RememberedOutcome => ({
    queryId: input.queryId,
    statementTypeId: translation.targets === undefined ? STATEMENT_TYPE[verb] : STATEMENT_TYPE.multiInsert,
    table: countsTable(verb, counts, statement, translation.targets),
  });
  const counts = await transaction.write<Counts>(
    {
      locks: lockRequests(translation, MODE[verb], names),
      compound: parts.length > 1 || advancing.length > 0 || rows.length > 1,
      assertCurrent: () => {
        if (names.catalog.changes !== resolvedAt) throw new StaleNames('the catalog has changed');
      },
      repeatable: !parts.some((part) => NOT_REPEATABLE.test(part.sql)),
      fingerprint: (done) => `${done.inserted}/${done.updated}/${done.deleted}/${done.each.join('/')}`,
      run: async (signal) => {
        const done = await runParts(parts, rows, context.connection, signal);
        for (const sql of advancing) await context.connection.run(sql);
        return done;
      },
      record: async (done) => await context.record(outcomeOf(done)),
    },
    { timeoutMs: context.lockTimeoutMs, signal: context.signal, nameOf: (table) => names.nameOf(table) },
  );
  return outcomeOf(counts);
}

/** The statement's parts with the rows of binds that each is run with. */
function boundParts(
  translation: Translation,
  input: StatementInput,
): { parts: readonly DmlPart[]; rows: readonly (readonly BoundValue[])[] } {
  const parts = partsOf(translation);
  const given = translation.binds.map((name) => input.binds?.[name]);
  const arrays = given.map((bind) => bind !== undefined && isColumn(bind.value));
  const [only] = parts;
  if (translation.verb === 'insert' && parts.length === 1 && only !== undefined && arrays.includes(true)) {
    const sql = arrayInsert(only.sql, arrays);
    const lengths = new Set(
      given.flatMap((bind) => (bind !== undefined && isColumn(bind.value) ? [bind.value.length] : [])),
    );
    if (sql !== undefined && lengths.size === 1 && !given.includes(undefined)) {
      const row = given.flatMap((bind, i) =>
        bind === undefined ? [] : [arrays[i] ? boundList(bind) : boundValue(bind)],
      );
      return { parts: [{ ...only, sql }], rows: [row] };
    }
  }
  return { parts, rows: bindRows(translation.binds, input.binds) };
}

function lockRequests(translation: Translation, mode: LockMode, names: SessionNames): LockRequest[] {
  const streams = streamsRead(translation, names).map(({ stream }) => ({ table: stream.id, mode: 'modify' as const }));
  return [...translation.writes.map((table) => ({ table, mode })), ...streams];
}

/** Streams that the statement reads: they go on from here. */
function streamsRead(translation: Translation, names: SessionNames) {
  return translation.reads.flatMap((id) => names.streamSource(id) ?? []);
}

interface DmlPart {
  readonly sql: string;
  /**
   * `by action`: the statement returns a row of `merge_action` for each row changed. `by join`: it returns how many rows the next
   * one will change, and how many of them several rows meet.
   */
  readonly counts: Count | 'none' | 'by action' | 'by join' | 'images' | 'no binds';
  readonly images?: KeptImages & { readonly of: number };
}

/** MERGE's actions as DuckDB names them. */
const ACTIONS: Readonly<Record<string, Count>> = { INSERT: 'inserted', UPDATE: 'updated', DELETE: 'deleted' };

async function runParts(
  parts: readonly DmlPart[],
  rows: ReturnType<typeof bindRows>,
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
): Promise<Counts> {
  const counts = { inserted: 0, updated: 0, deleted: 0, multiJoined: 0, each: [] as number[] };
  for (const part of parts) {
    if (signal?.aborted === true) throw signal.reason;
    if (part.images !== undefined && NOT_REPEATABLE.test(part.sql)) {
      // Other rows than those that the statement changes, perhaps.
      await connection.run(gapSql(part.images.of));
      continue;
    }
    const prepared = await connection.prepare(part.sql);
    try {
      let changed = 0;
      await runPrepared(prepared, part.counts === 'no binds' ? [[]] : rows, signal, async (result) => {
        if (part.counts === 'by action') await countActions(result, counts);
        else if (part.counts === 'by join') await countJoined(result, counts);
        else if (part.counts !== 'none' && part.counts !== 'no binds') changed += result.rowsChanged;
      });
      if (part.counts === 'inserted') counts.each.push(changed);
      if (part.counts === 'inserted' || part.counts === 'updated' || part.counts === 'deleted') {
        counts[part.counts] += changed;
      }
      if (part.images?.most !== undefined && changed > part.images.most) await forgetImages(part.images, connection);
    } finally {
      prepared.destroySync();
    }
  }
  return counts;
}

/** They were too many: none of this transaction are kept. */
async function forgetImages({ into, of }: KeptImages & { readonly of: number }, connection: DuckDBConnection) {
  await connection.run(`DELETE FROM ${into} WHERE ${DIED} = ${STAMP}`);
  await connection.run(gapSql(of));
}

async function runPrepared(
  prepared: DuckDBPreparedStatement,
  rows: ReturnType<typeof bindRows>,
  signal: AbortSignal | undefined,
  count: (result: DuckDBResult) => Promise<void>,
): Promise<void> {
  for (const row of rows) {
    if (signal?.aborted === true) throw signal.reason;
    bindTo(prepared, row);
    await count(await prepared.run());
  }
}

async function countActions(result: DuckDBResult, counts: Record<Count, number>): Promise<void> {
  for (const [action] of await result.getRowsJS()) {
    const kind = ACTIONS[String(action)];
    if (kind !== undefined) counts[kind] += 1;
  }
}

async function countJoined(result: DuckDBResult, counts: { updated: number; multiJoined: number }): Promise<void> {
  const [row] = await result.getRowsJS();
  counts.updated += Number(row?.[0] ?? 0);
  counts.multiJoined += Number(row?.[1] ?? 0);
}

/** The kinds of clauses that a MERGE has. */
function mergeClauses(text: string): ReadonlySet<Count> {
  const kinds = new Set<Count>();
  const tokens = tokenize(text);
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'word' || token.value !== 'THEN') continue;
    const kind = ACTIONS[tokens[i + 1]?.value ?? ''];
    if (kind !== undefined) kinds.add(kind);
  }
  return kinds;
}

function countsTable(verb: WriteVerb, counts: Counts, text: string, targets?: readonly string[]): ResultTable {
  const cells: [string, number][] = [];
  for (const [i, target] of (targets ?? []).entries()) {
    cells.push([`number of rows inserted into ${target}`, counts.each[i] ?? 0]);
  }
  if (verb === 'insert' && targets === undefined) cells.push(['number of rows inserted', counts.inserted]);
  if (verb === 'update') {
    cells.push(['number of rows updated', counts.updated], ['number of multi-joined rows updated', counts.multiJoined]);
  }
  if (verb === 'delete') cells.push(['number of rows deleted', counts.deleted]);
  if (verb === 'merge') {
    // Snowflake shows a count for each kind of clause that the statement has, in this order.
    const clauses = mergeClauses(text);
    for (const kind of ['inserted', 'updated', 'deleted'] as const) {
      if (clauses.has(kind)) cells.push([`number of rows ${kind}`, counts[kind]]);
    }
  }
  return {
    columns: cells.map(([name]) => column(name, NUMBER, false)),
    rows: [cells.map(([, count]) => String(count))],
  };
}
