import type { MemoryStore } from '../memory-store.js';
import type { Engine } from './engine.js';
import type { Limiter } from './limiter.js';
import type { MemoryReaders } from './memory-readers.js';
import type { MemoryQuestion } from './memory-reading.js';
import { ALIVE, MEMORY_COLUMNS, type MemoryRow, memoryOf } from './memory-row.js';
import { prepareMemoryWrites } from './memory-writes.js';
import { noMemory, prepareNamespaceAccess, recordOfNamespace } from './namespace-access.js';
import { prepareNamespaces } from './namespaces.js';
import { prepareStoredCheck } from './stored-memories.js';

/** How the store runs what changes something, and what only looks. */
interface Ways {
  readonly write: <T>(operation: () => T) => Promise<T>;
  readonly read: <T>(work: () => T) => Promise<T>;
  readonly readers: MemoryReaders;
}

/** The memories' part of the store: writes in its group commit, questions on threads. */
export function prepareMemories(engine: Engine, limiter: Limiter, { write, read, readers }: Ways): MemoryStore {
  const { db, now } = engine;
  const access = prepareNamespaceAccess(db);
  const writes = prepareMemoryWrites(engine, prepareStoredCheck(engine, limiter));
  const namespaces = prepareNamespaces(engine);
  const find = db.prepare<{ namespace: number; id: string; now: number }, MemoryRow>(
    `SELECT ${MEMORY_COLUMNS} FROM memories WHERE namespace = @namespace AND id = @id AND ${ALIVE}`,
  );
  const ask = <Answer>(question: MemoryQuestion, signal?: AbortSignal): Promise<Answer> =>
    read(() => undefined).then(() => readers.ask<Answer>(question, signal));

  return {
    storeMemory: (asker, where, memory) => write(() => writes.store(asker, where, memory)),
    findMemory: (asker, where, id) =>
      read(() => {
        for (const { id: namespace, name } of access.readable(asker, where)) {
          const row = find.get({ namespace, id, now: now() });
          if (row !== undefined) return memoryOf(row, name);
        }
        throw noMemory(id);
      }),
    searchMemories: (asker, where, search, signal) => ask({ ask: 'search', asker, where, search, now: now() }, signal),
    listMemories: (asker, where, list, signal) => ask({ ask: 'list', asker, where, list, now: now() }, signal),
    updateMemory: (asker, where, version, content) => write(() => writes.update(asker, where, version, content)),
    selectMemories: (asker, where, selection, limit, signal) =>
      ask({ ask: 'select', asker, where, selection, limit, now: now() }, signal),
    deleteMemories: (asker, where, ids) => write(() => writes.remove(asker, where, ids)),
    alikeMemories: (asker, where, limit, signal) => ask({ ask: 'alike', asker, where, limit, now: now() }, signal),
    memoryHealth: (asker, where, signal) => ask({ ask: 'health', asker, where, now: now() }, signal),

    readableNamespaces: (asker) => read(() => access.readable(asker, 'all').map(recordOfNamespace)),
    addNamespace: (namespace) => write(() => namespaces.add(namespace)),
    listNamespaces: () => read(namespaces.list),
    grantNamespace: (name, grant) => write(() => namespaces.grant(name, grant)),
    revokeNamespace: (name, from) => write(() => namespaces.revoke(name, from)),
    removeNamespace: (name) => write(() => namespaces.remove(name)),
  };
}
