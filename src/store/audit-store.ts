import type { ErrorCode } from '../errors/snow-error.js';

/** One call, whatever became of it. Never holds a credential; the statement's text only where the settings say so. */
export interface AuditEntry {
  readonly at: number;
  readonly client: string;
  readonly session?: string;
  /** Tool or command: `query`, `list_tables`, `enqueue`, … */
  readonly tool: string;
  readonly jobId?: string;
  /** Leading keyword of the statement, and its class. */
  readonly verb?: string;
  readonly statementClass?: 'read' | 'dml' | 'ddl';
  /** SHA-256 of the statement's text, first 16 hex digits. */
  readonly digest?: string;
  readonly text?: string;
  readonly outcome: 'admitted' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'refused';
  readonly code?: ErrorCode;
  readonly queuedMs?: number;
  readonly elapsedMs?: number;
  readonly rows?: number;
  readonly bytes?: number;
  readonly queryId?: string;
}

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
 * Who did what. Jobs write their own entries inside `admit` (refusals too) and `settle`; `record` is for calls without a job.
 * Entries older than the retention (30 days) are swept.
 */
export interface AuditStore {
  record(entry: Omit<AuditEntry, 'at'>): Promise<void>;
  audit(filter: AuditFilter): Promise<{ readonly entries: readonly AuditEntry[]; readonly nextCursor?: string }>;
}
