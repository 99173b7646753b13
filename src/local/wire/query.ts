import type {
  BindValue,
  EngineSession,
  FileTransfer,
  SessionContext,
  StatementOutcome,
  WireColumn,
} from '../engine/engine.js';
import { LocalError } from '../engine/local-error.js';
import type { ParameterMap } from './result-parameters.js';
import type { ResultStore, StoredResult } from './result-store.js';

export interface QueryRequest {
  readonly text: string;
  readonly requestId?: string;
  readonly binds?: Readonly<Record<string, BindValue>>;
  readonly parameters?: ParameterMap;
  readonly bindStage?: string;
  readonly describeOnly?: boolean;
  readonly internal?: boolean;
}

/** A statement that ended well, with everything its answer needs. */
export interface QueryResult {
  readonly queryId: string;
  readonly statementTypeId: number;
  readonly columns: readonly WireColumn[];
  readonly rows: StoredResult;
  readonly context: SessionContext;
  readonly numberOfBinds: number;
  readonly transfer?: FileTransfer;
  /** Not empty when the text held several statements; each is asked for by its own id. */
  readonly children: readonly QueryResult[];
}

export interface QueryTimes {
  /** Counts from the start, waiting for the session's earlier statements included, as Snowflake counts. */
  readonly timeoutMs: number;
  /** How long it goes on when nobody who asked for it is there any more; absent: to its end. */
  readonly detachedMs?: number;
}

/** A request id is its user's: the same one of somebody else is another request. */
export function requestKey(user: string, requestId: string): string {
  return JSON.stringify([user, requestId]);
}

export const cancelled = () => new LocalError('000604', '57014', 'SQL execution canceled');

export const timedOut = (seconds: number) =>
  new LocalError(
    '000630',
    '57014',
    `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`,
  );

/**
 * One statement from its arrival to the end of its rows. It goes on when its client is away: whoever asks by its query id
 * or repeats its request id meets the same run.
 */
export class Query {
  readonly id: string;
  readonly requestId: string | undefined;
  /** Under which the statement and what it changed are found again. */
  readonly requestKey: string | undefined;
  readonly sessionId: string;
  readonly user: string;
  readonly startedAt = Date.now();
  endedAt: number | undefined;
  result: QueryResult | undefined;
  error: unknown;
  /** Resolves, never rejects, when `result` or `error` is there. */
  readonly settled: Promise<void>;
  readonly #abort = new AbortController();
  readonly #detachedMs: number | undefined;
  #attending = 0;
  #alone: NodeJS.Timeout | undefined;

  constructor(
    id: string,
    session: EngineSession,
    request: QueryRequest,
    store: ResultStore,
    times: QueryTimes,
    onChild: (child: QueryResult) => void,
  ) {
    this.#detachedMs = times.detachedMs;
    this.id = id;
    this.requestId = request.requestId;
    this.requestKey = request.requestId === undefined ? undefined : requestKey(session.user, request.requestId);
    this.sessionId = session.id;
    this.user = session.user;
    this.settled = this.#run(session, request, store, times.timeoutMs, onChild).then(
      (result) => {
        this.result = result;
        this.endedAt = Date.now();
      },
      (error: unknown) => {
        this.error = error;
        this.endedAt = Date.now();
      },
    );
  }

  get running(): boolean {
    return this.endedAt === undefined;
  }

  /** False when it had ended already. */
  cancel(reason: LocalError = cancelled()): boolean {
    if (!this.running) return false;
    this.#abort.abort(reason);
    return true;
  }

  /** Somebody waits for its end, until what this gives is called. */
  attend(): () => void {
    this.#attending += 1;
    clearTimeout(this.#alone);
    return () => {
      this.#attending -= 1;
      if (this.#attending > 0 || this.#detachedMs === undefined || !this.running) return;
      this.#alone = setTimeout(() => this.cancel(), this.#detachedMs).unref();
    };
  }

  async #run(
    session: EngineSession,
    request: QueryRequest,
    store: ResultStore,
    timeoutMs: number,
    onChild: (child: QueryResult) => void,
  ): Promise<QueryResult> {
    const { signal } = this.#abort;
    const timer = setTimeout(() => this.#abort.abort(timedOut(timeoutMs / 1000)), timeoutMs);
    try {
      const outcome = await session.execute({
        ...request,
        ...(this.requestKey !== undefined && { requestId: this.requestKey }),
        queryId: this.id,
        signal,
      });
      return await resultOf(outcome, store, onChild);
    } catch (error) {
      throw signal.aborted && signal.reason instanceof LocalError ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#alone);
    }
  }
}

async function resultOf(
  outcome: StatementOutcome,
  store: ResultStore,
  onChild: (child: QueryResult) => void,
): Promise<QueryResult> {
  const children: QueryResult[] = [];
  for (const child of outcome.children ?? []) {
    const result = await resultOf(child, store, onChild);
    onChild(result);
    children.push(result);
  }
  return {
    queryId: outcome.queryId,
    statementTypeId: outcome.statementTypeId,
    columns: outcome.columns,
    rows: await store.collect(outcome.blocks),
    context: outcome.context,
    numberOfBinds: outcome.numberOfBinds,
    ...(outcome.transfer === undefined ? {} : { transfer: outcome.transfer }),
    children,
  };
}
