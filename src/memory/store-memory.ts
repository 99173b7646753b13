import { memoryAnswer } from './memory-answers.js';
import type { ArgumentsOf } from './memory-arguments.js';
import type { MemoryCall } from './memory-call.js';
import { writeChoice } from './memory-filter.js';
import { contentOf, expiryOf } from './stored-memory.js';

/** Stores one memory under the id of its job, unless its text is there already. */
export async function storeMemory(given: ArgumentsOf<'memory_store'>, call: MemoryCall): Promise<object> {
  const { store, asker, job, now, timeZone } = call;
  const expiresAt = await expiryOf(given, now, timeZone);
  const outcome = await store.storeMemory(asker, writeChoice(given.namespace), {
    id: job,
    ...contentOf(given.text, given),
    operation: job,
    ...(expiresAt !== undefined && { expiresAt }),
  });
  if (!outcome.stored) {
    const { id, version, created_at } = memoryAnswer(outcome.duplicate);
    return { id, version, created_at, duplicate: true };
  }
  const { id, namespace, version, created_at, expires_at } = memoryAnswer(outcome.memory);
  return {
    id,
    ...(namespace !== undefined && { namespace }),
    version,
    created_at,
    ...(expires_at !== undefined && { expires_at }),
    duplicate: false,
    ...(outcome.similar.length > 0 && { similar: outcome.similar }),
  };
}
