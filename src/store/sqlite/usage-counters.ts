import { isOpen } from '../../limits/quota-window.js';
import type { JobKind, JobUsage } from '../job.js';
import { CLASS_OF_KIND } from '../operation-class.js';
import type { OperationClass } from '../usage-store.js';
import type { Engine } from './engine.js';

/** What was used within one window. */
export interface Counts {
  readonly requests: number;
  readonly ms: number;
  readonly rows: number;
  readonly bytes: number;
}

interface WindowCounts extends Counts {
  /** Ms since the epoch. */
  readonly ends: number;
}

export type UsageWindows = Readonly<Record<'hour' | 'day', WindowCounts>>;

interface UsageRow {
  readonly class: OperationClass;
  readonly hour_ends: number;
  readonly hour_requests: number;
  readonly hour_ms: number;
  readonly hour_rows: number;
  readonly hour_bytes: number;
  readonly day_ends: number;
  readonly day_requests: number;
  readonly day_ms: number;
  readonly day_rows: number;
  readonly day_bytes: number;
}

const NOTHING: Counts = { requests: 0, ms: 0, rows: 0, bytes: 0 };

export interface UsageCounters {
  request(client: number, operation: OperationClass): void;
  spent(client: number, operation: OperationClass, usage: JobUsage): void;
  /** The current windows of every class that was used in them. */
  read(client: number): ReadonlyMap<OperationClass, UsageWindows>;
}

/** Counts by client and class, of the hour and the day together in one row: one write by request, one by attempt that ended. */
export function prepareUsageCounters(engine: Engine): UsageCounters {
  const { db, windows } = engine;
  // By position: names cost the driver more than the update itself.
  const addRequest = db.prepare(
    `UPDATE usage SET hour_requests = hour_requests + 1, day_requests = day_requests + 1
     WHERE client = ? AND class = ? AND hour_ends = ? AND day_ends = ?`,
  );
  const addSpent = db.prepare(
    `UPDATE usage SET hour_ms = hour_ms + ?, day_ms = day_ms + ?, hour_rows = hour_rows + ?, day_rows = day_rows + ?,
       hour_bytes = hour_bytes + ?, day_bytes = day_bytes + ?
     WHERE client = ? AND class = ? AND hour_ends = ? AND day_ends = ?`,
  );
  const find = db.prepare<[number, OperationClass], UsageRow>('SELECT * FROM usage WHERE client = ? AND class = ?');
  const ofClient = db.prepare<[number], UsageRow>('SELECT * FROM usage WHERE client = ?');
  const replace = db.prepare(
    `INSERT OR REPLACE INTO usage (client, class, hour_ends, hour_requests, hour_ms, hour_rows, hour_bytes,
       day_ends, day_requests, day_ms, day_rows, day_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  /** What is left of a window: its own counts while it is open, else a new one. */
  function current(period: 'hour' | 'day', now: number, kept: WindowCounts | undefined): WindowCounts {
    return kept !== undefined && isOpen(period, kept.ends, now)
      ? kept
      : { ...NOTHING, ends: windows.endOf(period, now) };
  }

  function windowsOf(row: UsageRow | undefined, now: number): UsageWindows {
    return {
      hour: current('hour', now, row && hourOf(row)),
      day: current('day', now, row && dayOf(row)),
    };
  }

  /** The first in one of its windows, or one that another process opened by another time zone: that stands until it ends. */
  function addToRow(client: number, operation: OperationClass, now: number, counts: Counts): void {
    const { hour, day } = windowsOf(find.get(client, operation), now);
    replace.run(client, operation, ...columnsOf(hour, counts), ...columnsOf(day, counts));
  }

  return {
    request(client, operation) {
      const now = engine.now();
      const done = addRequest.run(client, operation, windows.endOf('hour', now), windows.endOf('day', now));
      if (done.changes === 0) addToRow(client, operation, now, { ...NOTHING, requests: 1 });
    },
    spent(client, operation, usage) {
      const ms = Math.round(usage.executionMs);
      const rows = Math.round(usage.rows);
      const bytes = Math.round(usage.bytes);
      if (ms === 0 && rows === 0 && bytes === 0) return;
      const now = engine.now();
      const hourEnds = windows.endOf('hour', now);
      const dayEnds = windows.endOf('day', now);
      const done = addSpent.run(ms, ms, rows, rows, bytes, bytes, client, operation, hourEnds, dayEnds);
      if (done.changes === 0) addToRow(client, operation, now, { requests: 0, ms, rows, bytes });
    },
    read(client) {
      const now = engine.now();
      return new Map(ofClient.all(client).map((row) => [row.class, windowsOf(row, now)]));
    },
  };
}

/** Counts what an attempt has used, whatever became of it. */
export function prepareSpend(
  engine: Engine,
): (job: { readonly client: number; readonly kind: JobKind }, usage: JobUsage) => void {
  const counters = prepareUsageCounters(engine);
  return ({ client, kind }, usage) => counters.spent(client, CLASS_OF_KIND[kind], usage);
}

/** One class's windows, or several added up. */
export function sumOf(
  used: ReadonlyMap<OperationClass, UsageWindows>,
  classes: readonly OperationClass[],
  period: 'hour' | 'day',
): Counts & { readonly ends: number | undefined } {
  let sum: Counts = NOTHING;
  let ends: number | undefined;
  for (const each of classes) {
    const counts = used.get(each)?.[period];
    if (counts === undefined) continue;
    sum = {
      requests: sum.requests + counts.requests,
      ms: sum.ms + counts.ms,
      rows: sum.rows + counts.rows,
      bytes: sum.bytes + counts.bytes,
    };
    ends = Math.max(ends ?? 0, counts.ends);
  }
  return { ...sum, ends };
}

function columnsOf(window: WindowCounts, more: Counts): readonly number[] {
  return [
    window.ends,
    window.requests + more.requests,
    window.ms + more.ms,
    window.rows + more.rows,
    window.bytes + more.bytes,
  ];
}

function hourOf(row: UsageRow): WindowCounts {
  return {
    ends: row.hour_ends,
    requests: row.hour_requests,
    ms: row.hour_ms,
    rows: row.hour_rows,
    bytes: row.hour_bytes,
  };
}

function dayOf(row: UsageRow): WindowCounts {
  return { ends: row.day_ends, requests: row.day_requests, ms: row.day_ms, rows: row.day_rows, bytes: row.day_bytes };
}
