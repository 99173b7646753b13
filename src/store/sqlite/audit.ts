import { setImmediate as turn } from 'node:timers/promises';
import type { ErrorCode } from '../../errors/snow-error.js';
import { SnowError } from '../../errors/snow-error.js';
import type { AuditEntry, AuditedCall, AuditStore } from '../audit-store.js';
import type { Admission, AdmitOutcome } from '../job-store.js';
import type { Engine } from './engine.js';
import { checkLimit } from './page-limit.js';

/** How long the audit is kept, in ms (30 days). */
export const AUDIT_RETENTION_MS = 30 * 24 * 3_600_000;

/** Rows looked at before other work of the process gets its turn. */
const SCAN = 2_000;

/** Entries deleted in one step of a sweep. */
const SWEPT_AT_ONCE = 500;

interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly client: string;
  readonly session: string | null;
  readonly job: string | null;
  readonly call: string;
  readonly outcome: AuditEntry['outcome'];
  readonly code: ErrorCode | null;
  readonly queued_ms: number | null;
  readonly elapsed_ms: number | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly query_id: string | null;
}

export interface AuditOperations {
  record(entry: Omit<AuditEntry, 'at'>): void;
  /** Writes down an admission that made no job: a refusal, or a call that gave a job which was there already. */
  admission(admission: Admission, outcome: AdmitOutcome): void;
}

/** The writing side. What ends a job writes its entry itself: see the trigger `jobs_audited`. */
export function prepareAudit(engine: Engine): AuditOperations {
  const add = engine.db.prepare(
    `INSERT INTO audit (at, client, session, job, call, outcome, code, queued_ms, elapsed_ms, rows, bytes, query_id)
     VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
  );
  const record = (entry: Omit<AuditEntry, 'at'>): void => {
    const { client, session, jobId, outcome, code, queuedMs, elapsedMs, rows, bytes, queryId, ...call } = entry;
    add.run(
      engine.now(),
      client,
      session ?? null,
      jobId ?? null,
      JSON.stringify(call),
      outcome,
      code ?? null,
      rounded(queuedMs),
      rounded(elapsedMs),
      rounded(rows),
      rounded(bytes),
      queryId ?? null,
    );
  };
  return {
    record,
    admission: (admission, outcome) => {
      if (outcome.admitted && !outcome.repeated) return;
      const { client, session, kind } = admission;
      const common = { ...(admission.call ?? { tool: kind }), client, ...(session !== undefined && { session }) };
      if (outcome.admitted) record({ ...common, outcome: 'admitted', jobId: outcome.job.id });
      else record({ ...common, outcome: 'refused', code: outcome.refusal.code });
    },
  };
}

/** Newest first; what few entries pass is searched for in portions, so that a long audit blocks nobody. */
export function prepareAuditList(engine: Engine, read: <T>(work: () => T) => Promise<T>): AuditStore['audit'] {
  const scan = engine.db.prepare<[number, number], AuditRow>(
    'SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?',
  );
  return async ({ client, outcome, since, limit, cursor }) => {
    checkLimit(limit, 'entries');
    const found: AuditRow[] = [];
    let below = positionOf(cursor);
    for (let more = true; more && found.length <= limit; ) {
      const from = below;
      const rows = await read(() => scan.all(from, SCAN));
      // Entries are numbered as they are written down, which is as good as by their time: what is older than asked for ends it.
      const recent = since === undefined ? rows : rows.filter((row) => row.at >= since);
      for (const row of recent)
        if ((client ?? row.client) === row.client && (outcome ?? row.outcome) === row.outcome) found.push(row);
      more = rows.length === SCAN && recent.length > 0;
      below = rows.at(-1)?.id ?? 0;
      if (more) await turn();
    }
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      entries: page.map(entryOf),
      ...(found.length > limit && last !== undefined && { nextCursor: cursorOf(last.id) }),
    };
  };
}

/** A step of a sweep. */
export function prepareAuditRetention({
  db,
  now,
  auditRetentionMs,
}: Engine): () => { readonly did: { readonly auditDeleted: number }; readonly more: boolean } {
  const drop = db.prepare(
    `DELETE FROM audit WHERE id IN (SELECT id FROM (SELECT id, at FROM audit ORDER BY id LIMIT ${SWEPT_AT_ONCE}) WHERE at <= ?)`,
  );
  return () => {
    const auditDeleted = drop.run(now() - auditRetentionMs).changes;
    return { did: { auditDeleted }, more: auditDeleted === SWEPT_AT_ONCE };
  };
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    at: row.at,
    client: row.client,
    ...(row.session !== null && { session: row.session }),
    ...(JSON.parse(row.call) as AuditedCall),
    ...(row.job !== null && { jobId: row.job }),
    outcome: row.outcome,
    ...(row.code !== null && { code: row.code }),
    ...(row.queued_ms !== null && { queuedMs: row.queued_ms }),
    ...(row.elapsed_ms !== null && { elapsedMs: row.elapsed_ms }),
    ...(row.rows !== null && { rows: row.rows }),
    ...(row.bytes !== null && { bytes: row.bytes }),
    ...(row.query_id !== null && { queryId: row.query_id }),
  };
}

function rounded(count: number | undefined): number | null {
  return count === undefined ? null : Math.round(count);
}

function cursorOf(id: number): string {
  return Buffer.from(`a${id}`).toString('base64url');
}

function positionOf(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const match = /^a(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match !== null) return Number(match[1]);
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'The cursor is not one that a page of the audit gave.',
    hint: 'Use nextCursor of the page before, or none for the first page.',
  });
}
