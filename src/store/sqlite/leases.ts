import { SnowError } from '../../errors/snow-error.js';
import type { Engine } from './engine.js';

interface Held {
  readonly holder: string;
  readonly fence: number;
}

export interface LeaseOperations {
  acquire(resource: string, holder: string, leaseMs: number): { readonly fence: number } | undefined;
  renew(resource: string, holder: string, leaseMs: number): boolean;
  release(resource: string, holder: string): void;
  holder(resource: string): string | undefined;
}

/** Leases are counted on the monotonic clock: one of an earlier boot has run out. */
export function prepareLeases(engine: Engine): LeaseOperations {
  const { db, lease } = engine;
  const held = db.prepare<[string, string, number], Held>(
    'SELECT holder, fence FROM leases WHERE resource = ? AND holder IS NOT NULL AND boot = ? AND held_until > ?',
  );
  const take = db
    .prepare<[string, string, string, number], number>(
      `INSERT INTO leases (resource, holder, boot, held_until, fence) VALUES (?, ?, ?, ?, 1)
       ON CONFLICT (resource) DO UPDATE SET holder = excluded.holder, boot = excluded.boot,
         held_until = excluded.held_until, fence = fence + 1
       RETURNING fence`,
    )
    .pluck();
  const extend = db.prepare('UPDATE leases SET held_until = ? WHERE resource = ?');
  const release = db.prepare('UPDATE leases SET holder = NULL WHERE resource = ? AND holder = ?');

  const holdOf = (resource: string): Held | undefined => held.get(resource, lease.boot, lease.now());

  return {
    acquire: (resource, holder, leaseMs) => {
      checkLease(leaseMs);
      if (holdOf(resource) !== undefined) return undefined;
      return { fence: take.get(resource, holder, lease.boot, lease.now() + leaseMs) as number };
    },
    renew: (resource, holder, leaseMs) => {
      checkLease(leaseMs);
      if (holdOf(resource)?.holder !== holder) return false;
      extend.run(lease.now() + leaseMs, resource);
      return true;
    },
    release: (resource, holder) => void release.run(resource, holder),
    holder: (resource) => holdOf(resource)?.holder,
  };
}

function checkLease(leaseMs: number): void {
  if (leaseMs > 0 && Number.isFinite(leaseMs)) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `A lease cannot last ${leaseMs} ms.`,
    hint: 'Give milliseconds above 0.',
  });
}
