import { randomInt } from 'node:crypto';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { Mutex } from 'async-mutex';
import type { ParsedStatement } from '../sql/translation.js';
import type { AccessLog } from './access-log.js';
import type { Catalog } from './catalog/catalog.js';
import { STATEMENT_TYPE } from './command.js';
import { fromDuckDb } from './duckdb-errors.js';
import type { EngineSession, SessionContext, SessionOptions, StatementInput, StatementOutcome } from './engine.js';
import type { GrantIndex } from './grants/grant-index.js';
import { forgetRefusal, noteRefusal } from './grants/note-refusal.js';
import { rightsAtLogin } from './grants/rights-at-login.js';
import { Interrupter } from './interrupter.js';
import { LocalError } from './local-error.js';
import { loginContext } from './login-context.js';
import { ownTurn } from './own-turn.js';
import type { QueryHistory } from './query-history.js';
import { LongResult, prefetch, replay } from './read-ahead.js';
import type { RequestMemory } from './request-memory.js';
import type { ResultMemory } from './result-memory.js';
import type { ResultReuse } from './result-reuse.js';
import { blocksOf, column } from './result-table.js';
import { SessionNames } from './session-names.js';
import { type ParameterValue, SessionParameters } from './session-parameters.js';
import { SessionState } from './session-state.js';
import { sessionGone } from './snowflake-errors.js';
import type { StageFiles } from './stages/stage-files.js';
import { StatementLimits } from './statement-limits.js';
import { StatementRecord } from './statement-record.js';
import { StatementRunner } from './statement-runner.js';
import { childQueryId, statementsOf } from './statements-of-text.js';
import type { TableLocks } from './table-locks.js';
import { setTimeZone } from './time-zone.js';
import { SessionTransaction } from './transaction.js';

/** Bytes of a result that are fetched before `execute` answers; what is left is fetched as it is read. */
const READ_AHEAD_BYTES = 16 * 1024 * 1024;

export interface SessionParts {
  readonly instance: DuckDBInstance;
  readonly catalog: Catalog;
  readonly grants: GrantIndex;
  readonly requests: RequestMemory;
  readonly history: QueryHistory;
  readonly accessLog: AccessLog;
  readonly reuse: ResultReuse;
  readonly locks: TableLocks;
  readonly results: ResultMemory;
  readonly stages: StageFiles;
  readonly closed: (session: LocalSession) => void;
  /** Closes the session with this id, if there is one; `asking` is not waited for. */
  readonly abort: (id: string, asking: LocalSession) => Promise<boolean>;
}

/** What a statement leaves in the history; it arrived with its request unless told otherwise. */
type Recording = (
  input: StatementInput,
  more?: { readonly parentId?: string; readonly type?: string; readonly arrivedAt?: number },
) => StatementRecord;

/** One session: a DuckDB connection, a context, and a queue of one statement at a time. */
export class LocalSession implements EngineSession {
  readonly #parts: SessionParts;
  readonly #connection: DuckDBConnection;
  readonly #interrupter: Interrupter;
  readonly #state: SessionState;
  readonly #transaction: SessionTransaction;
  readonly #runner: StatementRunner;
  readonly #turn = new Mutex();
  #queryId = '';
  #running: StatementLimits | undefined;
  /** A result that is not read to its end holds the session's turn. */
  #unread: LongResult | undefined;
  #closed = false;

  static async open(parts: SessionParts, options: SessionOptions): Promise<LocalSession> {
    const parameters = new SessionParameters(options.parameters);
    const connection = await parts.instance.connect();
    try {
      const session = new LocalSession(parts, connection, parameters, options);
      await setTimeZone(connection, parameters.text('TIMEZONE'));
      return session;
    } catch (error) {
      connection.closeSync();
      throw error;
    }
  }

  private constructor(
    parts: SessionParts,
    connection: DuckDBConnection,
    parameters: SessionParameters,
    options: SessionOptions,
  ) {
    this.#parts = parts;
    this.#connection = connection;
    this.#state = new SessionState(newSessionId(), options.user.toUpperCase(), parameters, {}, parts.results);
    this.#state.accessLog = parts.accessLog;
    if (options.access !== undefined) {
      const login = { user: this.#state.user, session: this.#state.id, wanted: options.context.role };
      this.#state.rights = rightsAtLogin(parts, login, options.access);
    }
    const names = new SessionNames(parts.catalog, this.#state);
    this.#state.context = loginContext(names, options.context);
    this.#interrupter = new Interrupter(connection);
    this.#transaction = new SessionTransaction(
      connection,
      this.#interrupter,
      parts.locks,
      () => this.#queryId,
      () => parts.catalog.changes,
    );
    this.#state.transaction = this.#transaction;
    this.#runner = new StatementRunner({
      connection,
      interrupter: this.#interrupter,
      names,
      state: this.#state,
      transaction: this.#transaction,
      requests: parts.requests,
      history: parts.history,
      reuse: parts.reuse,
      stages: parts.stages,
      abortSession: (id) => parts.abort(id, this),
    });
  }

  get id(): string {
    return this.#state.id;
  }

  get user(): string {
    return this.#state.user;
  }

  /** Its user's sessions, and all where its roles may manage the account's users. */
  mayEnd(other: LocalSession): boolean {
    const { rights } = this.#state;
    return rights === undefined || other.user === this.user || rights.inAccount('MANAGE GRANTS');
  }

  get context(): SessionContext {
    return this.#state.context;
  }

  get parameters(): Readonly<Record<string, ParameterValue>> {
    return this.#state.parameters.all();
  }

  async execute(given: StatementInput): Promise<StatementOutcome> {
    const input = this.#bound(given);
    const arrivedAt = Date.now();
    const record: Recording = (given, more) =>
      new StatementRecord(this.#parts.history, this.#state, given, { arrivedAt, ...more });
    const release = await this.#ownTurn(input, record);
    let held = true;
    const letGo = (): void => {
      if (held) release();
      held = false;
    };
    try {
      if (this.#closed) throw sessionGone();
      return await this.#executeText(input, record, letGo);
    } catch (error) {
      letGo();
      throw error;
    }
  }

  /** Nobody else's request is meant by the same request id. */
  #bound(input: StatementInput): StatementInput {
    return input.requestId === undefined ? input : { ...input, requestId: `${this.#state.user}/${input.requestId}` };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#running?.abort(sessionGone());
    await this.#unread?.return();
    await this.#turn.runExclusive(async () => {
      await this.#transaction.rollback().catch(() => undefined);
      await this.#runner.begin();
      this.#connection.closeSync();
    });
    for (const { kind, id } of this.#state.temporaries()) {
      if (kind === 'stage' || kind === 'table') await this.#parts.stages.removeAll(`${kind.charAt(0)}${id}`);
    }
    this.#parts.closed(this);
  }

  /** Waits for the session's earlier statements: not beyond a cancel, nor STATEMENT_QUEUED_TIMEOUT_IN_SECONDS. */
  async #ownTurn(input: StatementInput, record: Recording): Promise<() => void> {
    const name = 'STATEMENT_QUEUED_TIMEOUT_IN_SECONDS';
    const seconds = Number(input.parameters?.[name] ?? this.#state.parameters.get(name));
    try {
      return await ownTurn(this.#turn, seconds, input.signal);
    } catch (error) {
      record(input).ended({ error: fromDuckDb(error) });
      throw error;
    }
  }

  async #executeText(input: StatementInput, record: Recording, letGo: () => void): Promise<StatementOutcome> {
    let statements: readonly ParsedStatement[];
    try {
      const announced = input.parameters?.MULTI_STATEMENT_COUNT ?? this.#state.parameters.get('MULTI_STATEMENT_COUNT');
      statements = statementsOf(input.text, Number(announced));
    } catch (error) {
      record(input).ended({ error: fromDuckDb(error) });
      throw error;
    }
    const [first] = statements;
    if (first !== undefined && statements.length === 1) {
      return await this.#executeOne(first, input, record(input), letGo, READ_AHEAD_BYTES);
    }
    const all = record(input, { type: 'MULTI_STATEMENT' });
    try {
      const children = await this.#executeAll(statements, input, record);
      all.ended({ rows: 1 });
      letGo();
      const table = {
        columns: [column('multiple statement execution')],
        rows: [['Multiple statements executed successfully.']],
      };
      return {
        queryId: input.queryId,
        statementTypeId: STATEMENT_TYPE.multi,
        columns: table.columns,
        blocks: blocksOf(table),
        context: this.#state.context,
        numberOfBinds: 0,
        children,
      };
    } catch (error) {
      all.ended({ error: fromDuckDb(error) });
      throw error;
    }
  }

  async #executeAll(
    statements: readonly ParsedStatement[],
    input: StatementInput,
    record: Recording,
  ): Promise<readonly StatementOutcome[]> {
    const children: StatementOutcome[] = [];
    for (const [i, statement] of statements.entries()) {
      const child: StatementInput = {
        ...input,
        text: statement.text,
        queryId: childQueryId(input.queryId, i),
        ...(input.requestId === undefined ? {} : { requestId: `${input.requestId}/${i + 1}` }),
      };
      const own = record(child, { parentId: input.queryId, arrivedAt: Date.now() });
      children.push(await this.#executeOne(statement, child, own, () => undefined, Number.POSITIVE_INFINITY));
    }
    return children;
  }

  async #executeOne(
    statement: ParsedStatement,
    input: StatementInput,
    record: StatementRecord,
    letGo: () => void,
    readAhead: number,
  ): Promise<StatementOutcome> {
    this.#queryId = input.queryId;
    const limits = new StatementLimits(this.#interrupter, input, this.#state.parameters);
    this.#running = limits;
    const startedAt = Date.now();
    const blockedBefore = this.#transaction.blockedMs;
    record.begun(startedAt);
    forgetRefusal(this.#state);
    const end = (outcome: { rows?: number; error?: LocalError }): void => {
      limits.end();
      this.#running = undefined;
      this.#unread = undefined;
      this.#state.queryEnded(input.queryId);
      record.ended({ ...outcome, blockedMs: this.#transaction.blockedMs - blockedBefore });
      letGo();
    };
    const fail = async (error: unknown): Promise<LocalError> => {
      const told = limits.reasonFor(error, statement.text);
      noteRefusal(this.#state, told, input.queryId);
      limits.end();
      await this.#transaction.mend().catch(() => undefined);
      end({ error: told });
      return told;
    };
    try {
      await this.#runner.begin();
      const ran = await this.#runner.run(statement, input, startedAt, limits.signal, record);
      const { blocks, iterator } = await prefetch(ran.blocks, readAhead);
      const early = blocks.reduce((sum, block) => sum + block.rows, 0);
      if (iterator === undefined) end({ rows: early });
      else this.#unread = new LongResult(blocks, iterator, { end, fail });
      return {
        queryId: ran.queryId,
        statementTypeId: ran.statementTypeId,
        columns: ran.columns,
        blocks: this.#unread ?? replay(blocks),
        context: this.#state.context,
        numberOfBinds: ran.numberOfBinds,
        ...(ran.reused === true && { reused: true }),
        ...(ran.transfer === undefined ? {} : { transfer: ran.transfer }),
      };
    } catch (error) {
      throw await fail(error);
    }
  }
}

function newSessionId(): string {
  return String(randomInt(1_000_000_000, 2 ** 47));
}
