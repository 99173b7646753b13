import { SnowError } from '../../errors/snow-error.js';
import { shownNumber } from '../../limits/refusals.js';
import type { Engine } from './engine.js';
import type { Limiter } from './limiter.js';
import type { CheckStored } from './memory-writes.js';

const MIB = 1024 * 1024;

/** Bytes of all memories that count against a client's quota. */
export function prepareMemoryBytes({ db }: Engine): (owner: string) => number {
  const sum = db
    .prepare<[string], number>(
      'SELECT coalesce(sum(bytes), 0) FROM namespaces INDEXED BY namespaces_of_owner WHERE owner = ?',
    )
    .pluck();
  return (owner) => sum.get(owner) as number;
}

/**
 * Called when the write is done, in its transaction: what is counted is exactly what would be stored, and a refusal takes it
 * back. Memories and kept results share the quota of stored MB.
 */
export function prepareStoredCheck(engine: Engine, limiter: Limiter): CheckStored {
  const { db } = engine;
  const bytesOf = prepareMemoryBytes(engine);
  const clientOf = db.prepare<[string], number>('SELECT id FROM clients WHERE name = ?').pluck();
  return ({ owner }, asker) => {
    if (owner === null || !asker.quotas) return;
    limiter.book.refresh();
    const client = clientOf.get(owner);
    const limits = client === undefined ? limiter.book.ofStranger(owner) : limiter.book.of(client);
    if (limits.storedMb === undefined) return;
    const memoryMb = bytesOf(owner) / MIB;
    const resultMb = client === undefined ? 0 : limiter.quotas.stored(client).mb;
    if (memoryMb + resultMb <= limits.storedMb) return;
    throw new SnowError({
      code: 'QUOTA_EXCEEDED',
      message: `With this, memories and kept results of the client "${owner}" would take ${shownNumber(memoryMb + resultMb)} of ${shownNumber(limits.storedMb)} MB.`,
      hint: 'Delete memories that nobody needs (memory_delete), or have the quota raised: mcp-snow quota set.',
    });
  };
}
