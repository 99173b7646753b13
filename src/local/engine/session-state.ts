import type { AccessLog } from './access-log.js';
import type { Entry } from './catalog/entries.js';
import { nameSpace } from './catalog/entries.js';
import type { SessionContext } from './engine.js';
import type { Rights } from './grants/rights.js';
import { ResultMemory } from './result-memory.js';
import type { ResultTable } from './result-table.js';
import type { SessionParameters } from './session-parameters.js';
import { LoadProblems } from './stages/load-problems.js';
import type { SessionTransaction } from './transaction.js';

export interface SessionVariable {
  readonly name: string;
  /** As text, the way SHOW VARIABLES gives it. */
  readonly value: string;
  /** Snowflake's word for the type: `fixed`, `text`, … */
  readonly type: string;
  /** DuckDB literal. */
  readonly sql: string;
}

/** What belongs to one session and dies with it. */
export class SessionState {
  readonly id: string;
  readonly user: string;
  readonly parameters: SessionParameters;
  readonly variables = new Map<string, SessionVariable>();
  readonly loadErrors = new LoadProblems();
  /** Temporary objects: they hide permanent ones of the same name, for this session alone. */
  readonly #temporary = new Map<string, Entry>();
  readonly #results: ResultMemory;
  readonly #queryIds: string[] = [];
  context: SessionContext;
  /** Whether the statement at hand is translated with long numbers, because short ones overflowed. */
  wideNumbers = false;
  /** The session's transaction, once there is one. */
  transaction: Pick<SessionTransaction, 'begun' | 'current' | 'last'> | undefined;
  /** What the session may do; undefined where nobody is held back. */
  rights: Rights | undefined;
  /** The account's attempts to get in and at things. */
  accessLog: AccessLog | undefined;

  constructor(
    id: string,
    user: string,
    parameters: SessionParameters,
    context: SessionContext,
    results: ResultMemory = new ResultMemory(),
  ) {
    this.#results = results;
    this.id = id;
    this.user = user;
    this.parameters = parameters;
    this.context = context;
  }

  findTemporary(parent: number, kind: Entry['kind'], name: string): Entry | undefined {
    return this.#temporary.get(temporaryKey(parent, kind, name));
  }

  temporaries(): Entry[] {
    return [...this.#temporary.values()];
  }

  putTemporary(entry: Entry): void {
    this.removeTemporary(entry.id);
    this.#temporary.set(temporaryKey(entry.parent, entry.kind, entry.name), entry);
  }

  removeTemporary(id: number): void {
    for (const [key, entry] of this.#temporary) if (entry.id === id) this.#temporary.delete(key);
  }

  /** Keeps a result for RESULT_SCAN. `bytes`: about what its cells take, where that is known. */
  keepResult(queryId: string, table: ResultTable, bytes?: number): void {
    this.#results.keep(this.user, queryId, table, bytes);
  }

  /** A result of the session's user. */
  result(queryId: string): ResultTable | undefined {
    return this.#results.find(this.user, queryId);
  }

  queryEnded(queryId: string): void {
    this.#queryIds.push(queryId);
    if (this.#queryIds.length > 1_000) this.#queryIds.splice(0, 500);
  }

  /** `LAST_QUERY_ID(n)`: -1 is the last one, 1 the first of the session. */
  queryId(position: number): string | undefined {
    return position > 0 ? this.#queryIds[position - 1] : this.#queryIds.at(position);
  }
}

function temporaryKey(parent: number, kind: Entry['kind'], name: string): string {
  return `${parent}:${nameSpace(kind)}:${name}`;
}
