import type { QuotaWindows } from '../../limits/quota-window.js';
import type { BreakerPolicy } from '../../resilience/breaker.js';
import type { DegradationPolicy } from '../../resilience/degradation.js';
import type { LeaseClock } from '../clock.js';
import type { QueueBounds } from '../job-store.js';
import type { Database } from './connection.js';

/** What every operation of the engine works with. */
export interface Engine {
  readonly db: Database;
  readonly bounds: QueueBounds;
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly lease: LeaseClock;
  /** How long a job is kept after its end, in ms. */
  readonly retentionMs: number;
  /** How long the audit is kept, in ms. */
  readonly auditRetentionMs: number;
  /** How long a session is kept that nobody uses, in ms. */
  readonly sessionIdleMs: number;
  /** Hours and days of quotas. */
  readonly windows: QuotaWindows;
  readonly breaker: BreakerPolicy;
  readonly degradation: DegradationPolicy;
}
