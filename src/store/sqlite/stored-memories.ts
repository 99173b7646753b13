import { SnowError } from '../../errors/snow-error.js';
import { shownNumber } from '../../limits/refusals.js';
import type { Engine } from './engine.js';
import { mbOf } from './kept-bytes.js';
import type { Limiter } from './limiter.js';
import type { CheckStored } from './memory-writes.js';

/**
 * Called when the write is done, in its transaction: what is counted is exactly what would be stored, and a refusal takes it
 * back. Memories and kept results share the quota of stored MB.
 */
export function prepareStoredCheck(engine: Engine, limiter: Limiter): CheckStored {
  const { db } = engine;
  const clientOf = db.prepare<[string], number>('SELECT id FROM clients WHERE name = ?').pluck();
  return ({ owner }, asker) => {
    if (owner === null || !asker.quotas) return;
    limiter.book.refresh();
    const client = clientOf.get(owner);
    const limits = client === undefined ? limiter.book.ofStranger(owner) : limiter.book.of(client);
    if (limits.storedMb === undefined) return;
    const keptMb = mbOf(limiter.quotas.kept(owner));
    if (keptMb <= limits.storedMb) return;
    throw new SnowError({
      code: 'QUOTA_EXCEEDED',
      message: `With this, memories and kept results of the client "${owner}" would take ${shownNumber(keptMb)} of ${shownNumber(limits.storedMb)} MB.`,
      hint: 'Delete memories that nobody needs (memory_delete), or have the quota raised: mcp-snow quota set.',
    });
  };
}
