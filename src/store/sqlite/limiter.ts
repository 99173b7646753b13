import type { ErrorData } from '../../errors/snow-error.js';
import type { JobKind } from '../job.js';
import { CLASS_OF_KIND } from '../operation-class.js';
import type { JobCaps, OperationClass } from '../usage-store.js';
import type { Engine } from './engine.js';
import { prepareQuotas, type Quotas } from './quotas.js';
import { prepareRates, type Rates } from './rates.js';
import { prepareUsageCounters } from './usage-counters.js';
import { type LimitBook, type LimitsInForce, prepareLimitBook } from './usage-limits.js';

/** Off means: counted only. */
interface LimitFlags {
  readonly rates: boolean;
  readonly quotas: boolean;
}

/** What is needed of a job that is about to start. */
export interface StartingJob {
  readonly seq: number;
  readonly client: number;
  /** Jobs of the client that run. */
  readonly running: number;
  readonly kind: JobKind;
  readonly write: number;
  readonly dispatch_open: number;
  readonly request_due: number;
  readonly flags: string;
  readonly payload: string;
}

export type Start =
  | { readonly starts: true; readonly caps?: JobCaps }
  /** Not before one of the client's running jobs has settled. */
  | { readonly starts: false; readonly waits: true }
  /** Not before then (ms since the epoch): the client's limits make it wait. */
  | { readonly starts: false; readonly parkUntil: number }
  | { readonly starts: false; readonly refusal: ErrorData };

/** Rates and quotas at the two places where a job meets them, and for work that is no job. */
export interface Limiter {
  readonly book: LimitBook;
  readonly rates: Rates;
  readonly quotas: Quotas;
  /** Takes the request, all of it or nothing. `due`: it is taken when the job starts. */
  admit(
    client: number,
    kind: JobKind,
    flags: Readonly<Record<string, boolean>>,
  ): { readonly due: boolean } | { readonly refusal: ErrorData };
  /** Reserves what the job may use. `book.refresh` is the caller's, once for a claim. */
  start(job: StartingJob): Start;
  takeRequest(client: number, operation: OperationClass): ErrorData | undefined;
}

function flagsOf(flags: Readonly<Record<string, boolean>>): LimitFlags {
  return { rates: flags['rate-limits'] !== false, quotas: flags.quotas !== false };
}

export function prepareLimiter(engine: Engine): Limiter {
  const book = prepareLimitBook(engine);
  const rates = prepareRates(engine, book);
  const quotas = prepareQuotas(engine);
  const counters = prepareUsageCounters(engine);
  const requestTaken = engine.db.prepare('UPDATE jobs SET request_due = 0 WHERE seq = ?');

  /** `flows`: seconds, rows and bytes that are used up refuse a request, too. */
  function take(
    client: number,
    limits: LimitsInForce,
    operation: OperationClass,
    on: LimitFlags,
    flows: boolean,
  ): ErrorData | undefined {
    const broken = on.quotas ? quotas.refusal(client, limits, operation, flows) : undefined;
    if (broken !== undefined) return broken;
    const asked = on.rates ? rates.ask(client, limits, operation) : undefined;
    if (asked !== undefined && 'refusal' in asked) return asked.refusal;
    asked?.take();
    counters.request(client, operation);
    return undefined;
  }

  /** A job whose limits leave nothing at the moment. */
  function refused(limits: LimitsInForce, refusal: ErrorData): Start {
    return limits.smooth && refusal.retryAfterMs !== undefined
      ? { starts: false, parkUntil: engine.now() + refusal.retryAfterMs }
      : { starts: false, refusal };
  }

  return {
    book,
    rates,
    quotas,
    admit(client, kind, flags) {
      book.refresh();
      const limits = book.of(client);
      const on = flagsOf(flags);
      // Memories are checked as they are written; what is too much already can be looked at and deleted.
      const stored = on.quotas && kind !== 'memory' ? quotas.storedRefusal(limits) : undefined;
      if (stored !== undefined) return { refusal: stored };
      if (limits.smooth && (on.rates || on.quotas)) return { due: true };
      const refusal = take(client, limits, CLASS_OF_KIND[kind], on, true);
      return refusal === undefined ? { due: false } : { refusal };
    },
    start(job) {
      const limits = book.of(job.client);
      if (job.request_due === 0 && limits.quotas.length === 0) return { starts: true };
      // A write that was sent has used what it used: somebody has to find out what became of it.
      if (job.write === 1 && job.dispatch_open === 1) return { starts: true };
      const on = flagsOf(JSON.parse(job.flags) as Record<string, boolean>);
      if (on.quotas && limits.running !== undefined && job.running >= limits.running)
        return { starts: false, waits: true };
      const operation = CLASS_OF_KIND[job.kind];
      const reservation = on.quotas ? quotas.reservation(job, limits, operation) : undefined;
      if (reservation !== undefined && 'waits' in reservation) return { starts: false, waits: true };
      if (reservation !== undefined && 'refusal' in reservation) return refused(limits, reservation.refusal);
      if (job.request_due === 1) {
        const refusal = take(job.client, limits, operation, on, false);
        if (refusal !== undefined) return refused(limits, refusal);
        requestTaken.run(job.seq);
      }
      reservation?.write();
      return { starts: true, ...(reservation?.caps && { caps: reservation.caps }) };
    },
    takeRequest(client, operation) {
      book.refresh();
      return take(client, book.of(client), operation, { rates: true, quotas: true }, true);
    },
  };
}
