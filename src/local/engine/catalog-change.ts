import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { tokenize } from '../sql/lexer.js';
import { CatalogEdit } from './catalog/catalog.js';
import type { CatalogChange, RunSql } from './command.js';
import { isTemporary, STATEMENT_TYPE } from './command.js';
import { isCatalogConflict, isConflict } from './duckdb-errors.js';
import type { StatementInput } from './engine.js';
import { assertMayEdit, assertNamesFree } from './grants/check-edit.js';
import { followWithGrants } from './grants/follow-with-grants.js';
import type { Interrupter } from './interrupter.js';
import type { RememberedOutcome, RequestMemory } from './request-memory.js';
import type { ResultTable } from './result-table.js';
import type { SessionNames } from './session-names.js';
import type { SessionState } from './session-state.js';
import type { SessionTransaction } from './transaction.js';
import { recordCommit } from './versions/commit-log.js';

const CONFLICT_RETRIES = 5;
const LONGEST_PAUSE_MS = 100;

export interface ChangeParts {
  readonly connection: DuckDBConnection;
  readonly interrupter: Interrupter;
  readonly names: SessionNames;
  readonly state: SessionState;
  readonly transaction: SessionTransaction;
  readonly requests: RequestMemory;
  readonly input: StatementInput;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Runs a change of the catalog: in one DuckDB transaction with its physical work and its request id, or not at all. */
export async function changeCatalog<T>(change: CatalogChange<T>, parts: ChangeParts): Promise<T> {
  const { transaction, state, names, signal } = parts;
  await transaction.commit();
  try {
    await transaction.lock(change.locks ?? [], {
      timeoutMs: Number(state.parameters.get('LOCK_TIMEOUT')) * 1000,
      signal,
      nameOf: (table) => names.nameOf(table),
    });
    for (let attempt = 0; ; attempt++) {
      try {
        return await attemptChange(change, parts);
      } catch (error) {
        await parts.interrupter.rollback();
        // DuckDB lets one transaction at a time make tables in a schema. One that makes its table from a query may take long, but
        // ends with its statement: it is waited for.
        if (!isCatalogConflict(error) && (!isConflict(error) || attempt >= CONFLICT_RETRIES)) throw error;
        await pause(Math.min(LONGEST_PAUSE_MS, 2 ** attempt) * (0.5 + Math.random()), signal);
      }
    }
  } finally {
    transaction.releaseLocks();
  }
}

/** Rejects with the signal's reason. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}

async function attemptChange<T>(change: CatalogChange<T>, parts: ChangeParts): Promise<T> {
  const { connection, signal, names } = parts;
  const run: RunSql = async (sql) => {
    if (signal.aborted) throw signal.reason;
    return (await connection.run(sql)).rowsChanged;
  };
  const begunAt = performance.now();
  await run('BEGIN TRANSACTION');
  await change.before?.(run);
  return await names.catalog.change(async () => {
    const edit = new CatalogEdit();
    const answer = await change.work(edit, run);
    const permanent = new CatalogEdit();
    for (const [id, entry] of edit.changes) {
      const temporary = entry === undefined ? names.catalog.get(id) === undefined : isTemporary(entry);
      if (!temporary) permanent.changes.set(id, entry);
    }
    if (names.rights !== undefined) {
      assertMayEdit(permanent, names.rights, names.whole);
      assertNamesFree(permanent, (parent, kind, name) => names.whole.find(parent, kind, name));
    }
    followWithGrants(permanent, {
      catalog: names.whole,
      now: parts.now,
      role: parts.state.context.role ?? 'ACCOUNTADMIN',
      copying: copiesGrants(parts.input.text),
    });
    await names.catalog.write(permanent, connection);
    const outcome = outcomeOf(answer, parts);
    if (outcome !== undefined) {
      await parts.requests.write(connection, parts.input.requestId ?? parts.input.queryId, outcome, parts.now);
    }
    if (signal.aborted) throw signal.reason;
    await recordCommit(connection, begunAt);
    await parts.interrupter.commit();
    names.catalog.apply(permanent);
    for (const [id, entry] of edit.changes) {
      if (permanent.changes.has(id)) continue;
      if (entry === undefined || entry.droppedAt !== undefined) parts.state.removeTemporary(id);
      else parts.state.putTemporary(entry);
    }
    if (outcome !== undefined && parts.input.requestId !== undefined) {
      parts.requests.remember(parts.input.requestId, outcome, parts.now);
    }
    return answer;
  });
}

function copiesGrants(text: string): boolean {
  if (!/copy\s+grants/i.test(text)) return false;
  const words = tokenize(text).map(({ kind, value }) => (kind === 'word' ? value : ''));
  return words.some((word, i) => word === 'COPY' && words[i + 1] === 'GRANTS');
}

/** A change answers its result table; what else it answers is not remembered. */
function outcomeOf(answer: unknown, parts: ChangeParts): RememberedOutcome | undefined {
  if (typeof answer !== 'object' || answer === null || !('columns' in answer) || !('rows' in answer)) return undefined;
  return {
    queryId: parts.input.queryId,
    statementTypeId: STATEMENT_TYPE.ddl,
    table: answer as ResultTable,
  };
}
