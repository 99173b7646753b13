import type { QueryHistoryEntry, StatementInput } from './engine.js';
import type { LocalError } from './local-error.js';
import type { QueryHistory } from './query-history.js';
import { queryTypeOf } from './query-type.js';
import type { SessionState } from './session-state.js';
import { textWithoutSecrets } from './text-without-secrets.js';

/** Characters that the history keeps of a statement, and of its translation. */
const MOST_TEXT = 10_000;
/** Rows that the engine gives DuckDB as a text: of this history, of earlier results. */
const OWN_ROWS = /from_json\('(?:[^']|'')*'/g;

/** What one statement leaves in the query history, from its arrival to its end. */
export class StatementRecord {
  readonly #history: QueryHistory;
  #entry: QueryHistoryEntry;
  #changed: number | undefined;

  /** `parentId`: the statement that runs it. `arrivedAt` in milliseconds since the epoch. */
  constructor(
    history: QueryHistory,
    state: SessionState,
    input: StatementInput,
    { arrivedAt, parentId, type }: { readonly arrivedAt: number; readonly parentId?: string; readonly type?: string },
  ) {
    this.#history = history;
    const { role, warehouse, database, schema } = state.context;
    this.#entry = {
      queryId: input.queryId,
      ...(parentId !== undefined && { parentId }),
      sessionId: state.id,
      user: state.user,
      ...(role !== undefined && { role }),
      ...(warehouse !== undefined && { warehouse }),
      ...(database !== undefined && { database }),
      ...(schema !== undefined && { schema }),
      text: textWithoutSecrets(input.text.slice(0, MOST_TEXT)),
      type: type ?? queryTypeOf(input.text),
      queryTag: String(input.parameters?.QUERY_TAG ?? state.parameters.get('QUERY_TAG') ?? ''),
      status: 'RUNNING',
      startedAt: arrivedAt,
      ...(input.internal === true && { internal: true }),
    };
    history.started(this.#entry);
  }

  /** The statement has waited long enough for those before it. */
  begun(at: number): void {
    const queuedMs = Math.max(0, at - this.#entry.startedAt);
    if (queuedMs > 0) this.#note({ queuedMs });
  }

  translated(sql: string, compiledMs: number): void {
    const translated = sql.replace(OWN_ROWS, "from_json('…'").slice(0, MOST_TEXT);
    this.#note({ translated, compiledMs: Math.round(compiledMs) });
  }

  reused(): void {
    this.#note({ reused: true });
  }

  /** It changed that many rows. */
  changed(rows: number): void {
    this.#changed = rows;
  }

  ended(outcome: { readonly rows?: number; readonly error?: LocalError; readonly blockedMs?: number }): void {
    const { error, blockedMs = 0 } = outcome;
    const rows = error === undefined ? (this.#changed ?? outcome.rows) : undefined;
    this.#entry = {
      ...this.#entry,
      status: error === undefined ? 'SUCCESS' : 'FAILED_WITH_ERROR',
      endedAt: Date.now(),
      ...(error !== undefined && { errorNumber: error.number, errorMessage: error.message }),
      ...(rows !== undefined && { rows }),
      ...(blockedMs >= 1 && { blockedMs: Math.round(blockedMs) }),
    };
    this.#history.goesOn(this.#entry);
  }

  #note(more: Partial<QueryHistoryEntry>): void {
    this.#entry = { ...this.#entry, ...more };
    this.#history.goesOn(this.#entry);
  }
}
