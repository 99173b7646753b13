import { randomUUID } from 'node:crypto';
import type { EngineSession } from '../engine/engine.js';
import { Query, type QueryRequest, type QueryResult, requestKey } from './query.js';
import { QueryTotals } from './query-totals.js';
import type { ParameterMap } from './result-parameters.js';
import type { ResultStore } from './result-store.js';
import { queryNotFound, tooManyQueries } from './wire-failure.js';

export interface QueryLimits {
  /** Milliseconds a statement may take when neither it nor its session says otherwise. */
  readonly statementTimeoutMs: number;
  /** Milliseconds a statement may take whatever it or its session says; Snowflake's are seven days. */
  readonly mostTimeoutMs: number;
  /** Statements running or waiting at once. */
  readonly running: number;
  /** Ended statements whose results are kept. */
  readonly kept: number;
  /** Milliseconds a result is kept after its statement ended. */
  readonly keptMs: number;
  /** Milliseconds a statement with ABORT_DETACHED_QUERY goes on that nobody asks for any more; Snowflake's are five minutes. */
  readonly detachedMs: number;
}

export const DEFAULT_QUERY_LIMITS: QueryLimits = {
  statementTimeoutMs: 300_000,
  mostTimeoutMs: 604_800_000,
  running: 1000,
  kept: 2000,
  keptMs: 3_600_000,
  detachedMs: 300_000,
};

/** The value of STATEMENT_TIMEOUT_IN_SECONDS in a session that never set it. */
const UNSET_TIMEOUT_S = 172_800;

/** A cancel may overtake the statement it is for; it is remembered this long. */
const EARLY_CANCEL_MS = 60_000;

interface Ended {
  readonly user: string;
  readonly result: QueryResult;
}

/** The statements of this process, running and ended, by query id and by request id. */
export class Queries {
  readonly totals = new QueryTotals();
  readonly #store: ResultStore;
  readonly #limits: QueryLimits;
  readonly #byId = new Map<string, Query>();
  readonly #byRequestKey = new Map<string, Query>();
  readonly #children = new Map<string, Ended>();
  readonly #earlyCancels = new Map<string, number>();
  #running = 0;

  constructor(store: ResultStore, limits: QueryLimits = DEFAULT_QUERY_LIMITS) {
    this.#store = store;
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  isBusy(sessionId: string): boolean {
    for (const query of this.#byId.values()) if (query.sessionId === sessionId && query.running) return true;
    return false;
  }

  timeoutMs(statement: ParameterMap | undefined, session: ParameterMap): number {
    const seconds = [statement?.STATEMENT_TIMEOUT_IN_SECONDS, session.STATEMENT_TIMEOUT_IN_SECONDS]
      .map(Number)
      .find((value) => value > 0 && value !== UNSET_TIMEOUT_S);
    return Math.min(
      seconds === undefined ? this.#limits.statementTimeoutMs : seconds * 1000,
      this.#limits.mostTimeoutMs,
    );
  }

  /** Starts a statement, or gives the one that was started under the same request id before. */
  start(session: EngineSession, request: QueryRequest): Query {
    const known =
      request.requestId === undefined ? undefined : this.#byRequestKey.get(requestKey(session.user, request.requestId));
    if (known !== undefined && this.#isWhole(known)) return known;
    if (this.#running >= this.#limits.running) throw tooManyQueries(this.#limits.running);
    const timeoutMs = this.timeoutMs(request.parameters, session.parameters);
    const abort = request.parameters?.ABORT_DETACHED_QUERY ?? session.parameters.ABORT_DETACHED_QUERY;
    const times = {
      timeoutMs,
      ...(String(abort).toLowerCase() === 'true' && { detachedMs: this.#limits.detachedMs }),
    };
    const query = new Query(randomUUID(), session, request, this.#store, times, (result) =>
      this.#children.set(result.queryId, { user: session.user, result }),
    );
    this.#running += 1;
    query.settled.then(() => {
      this.#running -= 1;
      this.totals.add((query.endedAt ?? Date.now()) - query.startedAt, query.result !== undefined);
      // The engine knew the request id from an earlier process: the client may ask for that run's query id.
      if (query.result !== undefined) this.#byId.set(query.result.queryId, query);
    });
    this.#byId.set(query.id, query);
    if (query.requestKey !== undefined) {
      this.#byRequestKey.set(query.requestKey, query);
      if (this.#earlyCancels.delete(query.requestKey)) query.cancel();
    }
    this.sweep();
    return query;
  }

  /** A statement of this process that the user may see. */
  find(queryId: string, user: string): Query | undefined {
    const query = this.#byId.get(queryId);
    return query?.user === user ? query : undefined;
  }

  /** The result of one statement out of several; undefined when its rows had to make room. */
  childResult(queryId: string, user: string): QueryResult | undefined {
    const child = this.#children.get(queryId);
    return child?.user === user && this.#store.isKept(child.result.rows) ? child.result : undefined;
  }

  /** Throws 000709 when the rows of an ended statement are kept no longer. */
  assertWhole(query: Query): void {
    if (!this.#isWhole(query)) throw queryNotFound(query.id);
  }

  /** False when the statement had ended; one that has not arrived yet is cancelled when it does. */
  cancelByRequestId(requestId: string, user: string): boolean {
    const key = requestKey(user, requestId);
    const query = this.#byRequestKey.get(key);
    if (query !== undefined) return query.cancel();
    this.#earlyCancels.set(key, Date.now());
    this.#sweepEarlyCancels(Date.now());
    return true;
  }

  /** Cancels what a session has running or waiting, and waits until it has stopped. */
  async cancelSession(sessionId: string): Promise<void> {
    const own = [...this.#byId.values()].filter((query) => query.sessionId === sessionId && query.running);
    for (const query of own) query.cancel();
    await Promise.all(own.map((query) => query.settled));
  }

  async cancelAll(): Promise<void> {
    const running = [...this.#byId.values()].filter((query) => query.running);
    for (const query of running) query.cancel();
    await Promise.all(running.map((query) => query.settled));
  }

  /** Forgets ended statements that are too old or too many. */
  sweep(now = Date.now()): void {
    this.#sweepEarlyCancels(now);
    let tooMany = this.#byId.size - this.#running - this.#limits.kept;
    for (const query of this.#byId.values()) {
      if (query.endedAt === undefined) continue;
      if (tooMany <= 0 && now - query.endedAt < this.#limits.keptMs) break;
      this.#forget(query);
      tooMany -= 1;
    }
  }

  #sweepEarlyCancels(now: number): void {
    for (const [key, at] of this.#earlyCancels) {
      if (now - at < EARLY_CANCEL_MS && this.#earlyCancels.size <= this.#limits.running) break;
      this.#earlyCancels.delete(key);
    }
  }

  #isWhole(query: Query): boolean {
    return query.result === undefined || this.#store.isKept(query.result.rows);
  }

  #forget(query: Query): void {
    this.#byId.delete(query.id);
    if (query.result !== undefined && this.#byId.get(query.result.queryId) === query)
      this.#byId.delete(query.result.queryId);
    if (query.requestKey !== undefined && this.#byRequestKey.get(query.requestKey) === query)
      this.#byRequestKey.delete(query.requestKey);
    for (const child of query.result?.children ?? []) {
      this.#children.delete(child.queryId);
      this.#store.release(child.rows);
    }
    if (query.result !== undefined) this.#store.release(query.result.rows);
  }
}
