import type { ErrorCode } from '../errors/snow-error.js';

/** What was called, as far as it is known before the work begins. A job carries it from its admission to its end. */
export interface AuditedCall {
  /** Tool or command: `query`, `list_tables`, `enqueue`, … */
  readonly tool: string;
  /** Leading keyword of the statement, and its class. */
  readonly verb?: string;
  readonly statementClass?: 'read' | 'dml' | 'ddl';
  /** SHA-256 of the statement's text, first 16 hex digits. */
  readonly digest?: string;
  /** Only where the settings say so. */
  readonly text?: string;
  /** Of a request that was refused before it came to a call: what for. Of a `breaker` or `degradation`: what changed. */
  readonly reason?: string;
  /** Address such a request came from. */
  readonly peer?: string;
  /** How many of them this entry stands for, where they are more than one. */
  readonly count?: number;
}

/** One call, whatever became of it. Never holds a credential. */
export interface AuditEntry extends AuditedCall {
  readonly at: number;
  /** Empty where nobody could be told. */
  readonly client: string;
  readonly session?: string;
  readonly jobId?: string;
  /** `admitted`: the call gave a job that was there already, under its idempotency key. */
  readonly outcome: 'admitted' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'refused';
  readonly code?: ErrorCode;
  readonly queuedMs?: number;
  readonly elapsedMs?: number;
  readonly rows?: number;
  readonly bytes?: number;
  readonly queryId?: string;
}

export const AUDIT_OUTCOMES = ['admitted', 'succeeded', 'failed', 'cancelled', 'expired', 'refused'] as const;

export interface AuditFilter {
  readonly client?: string;
  readonly outcome?: AuditEntry['outcome'];
  /** Ms since the epoch. */
  readonly since?: number;
  /** At most this many (1 to 1,000), newest first. */
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * Who did what. A job's entry is written with its end, a refusal's with the refusal, both in the transaction they have
 * anyway; `record` is for calls without a job. Entries older than the retention (30 days) are swept.
 */
export interface AuditStore {
  record(entry: Omit<AuditEntry, 'at'>): Promise<void>;
  audit(filter: AuditFilter): Promise<{ readonly entries: readonly AuditEntry[]; readonly nextCursor?: string }>;
}
