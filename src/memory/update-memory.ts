import { SnowError } from '../errors/snow-error.js';
import type { MemoryRecord } from '../store/memory-store.js';
import { memoryAnswer } from './memory-answers.js';
import type { ArgumentsOf } from './memory-arguments.js';
import type { MemoryCall } from './memory-call.js';
import { writeChoice } from './memory-filter.js';
import { contentOf, expiryOf } from './stored-memory.js';

/** Changes what is given and keeps the rest; nothing happens when somebody else was quicker. */
export async function updateMemory(given: ArgumentsOf<'memory_update'>, call: MemoryCall): Promise<object> {
  const { id, version, ...changes } = given;
  if (Object.keys(changes).length === 0)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'memory_update was told nothing to change.',
      hint: 'Give text, tags, links, source, metadata, expires_at or ttl_s.',
    });
  const { store, asker, job, now, timeZone } = call;
  const there = await store.findMemory(asker, 'all', id);
  const labels = {
    tags: given.tags ?? there.tags,
    links: given.links ?? there.links,
    source: given.source === undefined ? there.source : (given.source ?? undefined),
    metadata: given.metadata === undefined ? there.metadata : (given.metadata ?? undefined),
  };
  const expiresAt = await newExpiry(given, there, now, timeZone);
  const changed = await store.updateMemory(asker, writeChoice(there.namespace), version, {
    id,
    ...contentOf(given.text ?? there.text, labels),
    operation: job,
    ...(expiresAt !== undefined && { expiresAt }),
  });
  const { namespace, version: present, updated_at, expires_at } = memoryAnswer(changed);
  return {
    id,
    ...(namespace !== undefined && { namespace }),
    version: present,
    updated_at,
    ...(expires_at !== undefined && { expires_at }),
  };
}

async function newExpiry(
  given: ArgumentsOf<'memory_update'>,
  there: MemoryRecord,
  now: number,
  timeZone: string,
): Promise<number | undefined> {
  if (given.expires_at === undefined && given.ttl_s === undefined) return there.expiresAt;
  return await expiryOf(given, now, timeZone);
}
