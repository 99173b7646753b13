import type { Engine } from './engine.js';

/** A lease that is kept with a job, as its columns, its index and the term of the (partial) index. */
interface KeptLease {
  readonly boot: 'lease_boot' | 'waiter_boot';
  readonly until: 'lease_until' | 'waiter_until';
  readonly from: string;
}

/** The worker's lease of a running job. */
export const WORKER_LEASE: KeptLease = {
  boot: 'lease_boot',
  until: 'lease_until',
  from: "jobs INDEXED BY jobs_leased WHERE state = 'running'",
};

/** The lease of whoever waits for an attached job. */
export const WAITER_LEASE: KeptLease = {
  boot: 'waiter_boot',
  until: 'waiter_until',
  from: 'jobs INDEXED BY jobs_awaited WHERE attached = 1 AND settled IS NULL AND cancel_requested IS NULL',
};

/** `seq` of the jobs whose lease is over: of this boot (@boot) and past (@now), or of another boot. Each term is one range of the index. */
export function overdueSql({ boot, until, from }: KeptLease): string {
  return `SELECT seq FROM ${from} AND ${boot} = @boot AND ${until} <= @now
    UNION ALL SELECT seq FROM ${from} AND ${boot} < @boot
    UNION ALL SELECT seq FROM ${from} AND ${boot} > @boot`;
}

/** When the first lease of this boot ends, by the lease clock; 0 when there is one of another boot; `undefined` without any. */
export function prepareFirstEnd({ db, lease }: Engine, { boot, until, from }: KeptLease): () => number | undefined {
  const first = db
    .prepare<{ boot: string }, number | null>(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM ${from} AND ${boot} < @boot)
           OR EXISTS (SELECT 1 FROM ${from} AND ${boot} > @boot) THEN 0
         ELSE (SELECT min(${until}) FROM ${from} AND ${boot} = @boot) END`,
    )
    .pluck();
  return () => first.get({ boot: lease.boot }) ?? undefined;
}
