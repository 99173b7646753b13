/**
 * Errors as data: the one shape in which every way in (MCP, CLI, later REST) tells a caller what went wrong,
 * what to do about it and when to come back. Nothing here may ever hold a credential.
 */

export const ERROR_CODES = [
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'QUEUE_FULL',
  'QUEUE_TIMEOUT',
  'STATEMENT_TIMEOUT',
  'CIRCUIT_OPEN',
  'DEGRADED',
  'STATEMENT_NOT_ALLOWED',
  /** The caller may not do this at all: a removed client, a token without the scope; `hint` says who can change it. */
  'NOT_PERMITTED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'CANCELLED',
  'OUTCOME_UNKNOWN',
  'SNOWFLAKE_ERROR',
  /** The warehouse could not be reached, or it did not let us in; `hint` says which. */
  'CONNECTION_FAILED',
  /** The store could not take the operation (disk full, no permission, a newer schema); `hint` says what to do. */
  'STORE_UNAVAILABLE',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What is stored beside a failed job, answered over MCP as structured content, and printed by the CLI. */
export interface ErrorData {
  readonly code: ErrorCode;
  /** What happened, in one sentence, without a stack. For `SNOWFLAKE_ERROR`: Snowflake's own message, whole. */
  readonly message: string;
  /** What the caller can do about it. */
  readonly hint?: string;
  /** Milliseconds after which the same call may succeed; absent when waiting does not help. */
  readonly retryAfterMs?: number;
  /** Snowflake's error number as the driver gives it (`'002003'`); only with `SNOWFLAKE_ERROR`. */
  readonly number?: string;
  readonly sqlState?: string;
  /** 1-based line and 0-based position of a syntax error inside the statement, as Snowflake counts them. */
  readonly line?: number;
  readonly position?: number;
  readonly queryId?: string;
  /** The mode that refused it; only with `CIRCUIT_OPEN` and `DEGRADED`. */
  readonly mode?: 'conserving' | 'critical' | 'offline';
}

/** An `ErrorData` that can be thrown. Refusals are values, not exceptions; this is for everything else. */
export class SnowError extends Error {
  override readonly name = 'SnowError';
  readonly data: ErrorData;

  constructor(data: ErrorData, options?: { cause?: unknown }) {
    super(data.message, options);
    this.data = data;
  }

  get code(): ErrorCode {
    return this.data.code;
  }
}

/**
 * The `ErrorData` of anything that was thrown. What is not a `SnowError` is a fault of ours: its message is kept
 * (one line, no stack) under `INTERNAL`.
 */
export function errorDataOf(thrown: unknown): ErrorData {
  if (thrown instanceof SnowError) return thrown.data;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'INTERNAL', message: message.split('\n', 1)[0] ?? 'unknown error' };
}
