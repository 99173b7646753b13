import type { SnowError } from '../errors/snow-error.js';
import type { BreakerPolicy } from '../resilience/breaker.js';
import type { DegradationPolicy } from '../resilience/degradation.js';
import type { AuditStore } from './audit-store.js';
import type { BreakerStore } from './breaker-store.js';
import type { ClientStore } from './client-store.js';
import type { FlagStore } from './flag-store.js';
import type { HoldingsStore } from './holdings-store.js';
import type { JobStore, QueueBounds } from './job-store.js';
import type { LeaseStore } from './lease-store.js';
import type { ListingStore } from './listing-store.js';
import type { LoginStore } from './login-store.js';
import type { MemoryStore } from './memory-store.js';
import type { RepositoryStore } from './repository-store.js';
import type { SessionStore } from './session-store.js';
import type { UsageStore } from './usage-store.js';
import type { WorkerStore } from './worker-store.js';

/**
 * Where all processes meet. Each role is an interface in a file of its own, and one contract test suite runs against every engine.
 */
export interface Store
  extends JobStore,
    SessionStore,
    WorkerStore,
    FlagStore,
    AuditStore,
    ClientStore,
    LeaseStore,
    LoginStore,
    UsageStore,
    BreakerStore,
    ListingStore,
    MemoryStore,
    RepositoryStore,
    HoldingsStore {
  /** Called when another process (or this one) has committed something; returns the way to stop listening. */
  onChange(listener: () => void): () => void;
  /**
   * Called once when this process cannot use the store any more: its files were deleted or replaced, or a newer program has
   * changed the schema. From then on everything is refused with `failure`. Returns the way to stop listening.
   */
  onUnusable(listener: (failure: SnowError) => void): () => void;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Path of the database file; it is created (0600) with its folder when missing. */
  readonly path: string;
  readonly bounds?: Partial<QueueBounds>;
  /** `FULL` (default) survives a power cut, `NORMAL` a process's death. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** Wall clock in ms since the epoch; tests move it. */
  readonly now?: () => number;
  /** Monotonic clock in ms that all processes of this boot share; tests move it. */
  readonly monotonicNow?: () => number;
  /** Names the boot that the monotonic clock belongs to; tests change it to play a reboot. */
  readonly bootId?: string;
  /** How long a job is kept after its end, in ms (7 days). Its result goes no later. */
  readonly retentionMs?: number;
  /** Whose hours and days quotas go by (UTC). */
  readonly timeZone?: string;
  /** How long the audit is kept, in ms (30 days). */
  readonly auditRetentionMs?: number;
  readonly breaker?: Partial<BreakerPolicy>;
  readonly degradation?: Partial<DegradationPolicy>;
  /** How long a session is kept that nobody uses, in ms (30 days); uses are noted to the minute. */
  readonly sessionIdleMs?: number;
}
