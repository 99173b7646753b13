import type { Engine } from './engine.js';

/** Extends the lease of whoever waits for an attached job. */
export function prepareRenewWaiter(engine: Engine): (id: string, waiter: string, leaseMs: number) => boolean {
  const { db, lease } = engine;
  const renew = db.prepare(
    `UPDATE jobs SET waiter_boot = ?, waiter_until = ?
     WHERE id = ? AND waiter = ? AND attached = 1 AND settled IS NULL`,
  );
  return (id, waiter, leaseMs) => renew.run(lease.boot, lease.now() + leaseMs, id, waiter).changes > 0;
}

/** Lets a job live without its waiter: no waiter's lease, no queue time-out. `false` when it has ended or is unknown. */
export function prepareDetach({ db }: Engine): (id: string) => boolean {
  const detach = db.prepare(
    `UPDATE jobs SET attached = 0, waiter = NULL, waiter_boot = NULL, waiter_until = NULL, expires_at = NULL
     WHERE id = ? AND settled IS NULL`,
  );
  return (id) => detach.run(id).changes > 0;
}
