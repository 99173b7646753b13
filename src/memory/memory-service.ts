import { SnowError } from '../errors/snow-error.js';
import type { LockTable } from '../locks/lock-table.js';
import type { MemoryStore, NamespaceChoice } from '../store/memory-store.js';
import { checkedArguments } from './checked-arguments.js';
import { cleanUpMemories, deleteMemories } from './delete-memories.js';
import { listMemories, searchMemories } from './find-memories.js';
import { importMemories } from './import-memories.js';
import { type ArgumentsOf, changesMemories, isMemoryOperation, type MemoryOperation } from './memory-arguments.js';
import type { MemoryCall } from './memory-call.js';
import { readChoice, writeChoice } from './memory-filter.js';
import { memoryHealth } from './memory-health.js';
import { storeMemory } from './store-memory.js';
import { updateMemory } from './update-memory.js';

const WORK: { readonly [Name in MemoryOperation]: (given: ArgumentsOf<Name>, call: MemoryCall) => Promise<object> } = {
  memory_store: storeMemory,
  memory_search: searchMemories,
  memory_list: listMemories,
  memory_update: updateMemory,
  memory_delete: deleteMemories,
  memory_cleanup: cleanUpMemories,
  memory_health: memoryHealth,
  memory_import: importMemories,
};

export interface MemoryServiceOptions {
  readonly store: MemoryStore;
  /** Of this process, by namespace; across processes the store keeps writers apart. */
  readonly locks: LockTable;
  /** IANA's name: of dates and times whose caller names none. */
  readonly timeZone: string;
}

/** Does the operations on memories: reads of a namespace beside one another, writes one at a time. */
export class MemoryService {
  readonly #options: MemoryServiceOptions;

  constructor(options: MemoryServiceOptions) {
    this.#options = options;
  }

  /** `sharedReads`: off, each operation has its namespaces to itself. Throws `INVALID_ARGUMENT`, and what the store throws. */
  async run(
    name: string,
    given: unknown,
    call: Omit<MemoryCall, 'store' | 'timeZone' | 'now'> & { readonly sharedReads: boolean },
  ): Promise<object> {
    if (!isMemoryOperation(name)) throw unknownOperation(name);
    const checked = checkedArguments(name, given);
    const { store, timeZone } = this.#options;
    const work = WORK[name] as (given: ArgumentsOf<MemoryOperation>, call: MemoryCall) => Promise<object>;
    const writes = changesMemories(name);
    const release = await this.#enter(await this.#lockNames(checked, call, writes), writes || !call.sharedReads, call);
    try {
      return await work(checked, { ...call, store, timeZone, now: Date.now() });
    } finally {
      release();
    }
  }

  async #lockNames(given: ArgumentsOf<MemoryOperation>, call: Pick<MemoryCall, 'asker'>, writes: boolean) {
    const { asker } = call;
    const namespace = 'namespace' in given ? given.namespace : undefined;
    const byId = 'id' in given && given.id !== undefined;
    const where = writes && !byId ? writeChoice(namespace) : readChoice(namespace);
    if (where !== 'all') return [lockName(where, asker.owner)];
    const readable = await this.#options.store.readableNamespaces(asker);
    const shared = readable.flatMap(({ name }) =>
      name === undefined ? [] : [lockName({ shared: name }, asker.owner)],
    );
    return [lockName('own', asker.owner), ...shared].sort();
  }

  /** In the order of their names, so that no two operations can wait for one another. */
  async #enter(
    names: readonly string[],
    exclusive: boolean,
    { signal }: Pick<MemoryCall, 'signal'>,
  ): Promise<() => void> {
    const releases: (() => void)[] = [];
    const release = (): void => {
      for (const each of releases.splice(0)) each();
    };
    try {
      for (const name of names)
        releases.push(await this.#options.locks.acquire(name, exclusive ? 'write' : 'read', { signal }));
      return release;
    } catch (failure) {
      release();
      throw failure;
    }
  }
}

function lockName(where: Exclude<NamespaceChoice, 'all'>, owner: string): string {
  return where === 'own' ? `own:${owner}` : `shared:${where.shared}`;
}

function unknownOperation(name: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `There is no operation ${JSON.stringify(name.slice(0, 80))} on memories.`,
    hint: `Operations are ${Object.keys(WORK).join(', ')}.`,
  });
}
