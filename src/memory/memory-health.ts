import type { ArgumentsOf } from './memory-arguments.js';
import type { MemoryCall } from './memory-call.js';
import { readChoice } from './memory-filter.js';

/** How the namespaces that one may read are. */
export async function memoryHealth(given: ArgumentsOf<'memory_health'>, call: MemoryCall): Promise<object> {
  const found = await call.store.memoryHealth(call.asker, readChoice(given.namespace), call.signal);
  return {
    healthy: found.every(({ indexed }) => indexed),
    namespaces: found.map(({ name, kind, memories, bytes, mayWrite, expired, alike, indexed }) => ({
      namespace: name ?? 'own',
      kind,
      may_write: mayWrite,
      memories,
      bytes,
      expired,
      alike,
      indexed,
    })),
  };
}
