import { LocalError } from './local-error.js';

/**
 * Who may write to which table now. DuckDB is optimistic: two transactions that change one row make the second fail, and
 * an UPDATE beside a DELETE was even seen to be lost. So writers wait for each other here, as they do in Snowflake.
 *
 * - `append`: INSERT; beside other appends and beside one `modify`
 * - `modify`: UPDATE, DELETE, MERGE; one at a time
 * - `exclusive`: anything that changes the table itself
 */
export type LockMode = 'append' | 'modify' | 'exclusive';

export interface LockRequest {
  readonly table: number;
  readonly mode: LockMode;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly mode: LockMode;
  readonly grant: () => void;
}

interface TableQueue {
  readonly holders: Map<LockOwner, LockMode>;
  readonly waiters: Waiter[];
  /** Holders whose changes are becoming visible to others. */
  readonly committing: Set<LockOwner>;
}

/** A transaction, as the locks see it. */
export class LockOwner {
  readonly queryId: () => string;
  readonly held = new Set<number>();
  waitingFor: number | undefined;

  constructor(queryId: () => string) {
    this.queryId = queryId;
  }
}

const STRENGTH: Readonly<Record<LockMode, number>> = { append: 0, modify: 1, exclusive: 2 };

export class TableLocks {
  readonly #tables = new Map<number, TableQueue>();
  readonly #versions = new Map<number, number>();

  /**
   * Grows with every change of the table's rows or of the table itself; undefined while one is being committed, when some
   * sessions may see it already.
   */
  version(table: number): number | undefined {
    const queue = this.#tables.get(table);
    if (queue !== undefined && queue.committing.size > 0) return undefined;
    for (const held of queue?.holders.values() ?? []) if (held === 'exclusive') return undefined;
    return this.#versions.get(table) ?? 0;
  }

  /** The owner's changes are about to be committed; until it releases its locks. */
  committing(owner: LockOwner): void {
    for (const table of owner.held) this.#tables.get(table)?.committing.add(owner);
  }

  /**
   * Takes the locks in the order of their tables' ids, so that single statements cannot block each other; transactions
   * that take theirs over several statements can, and the one that would close the circle is refused at once.
   * Throws `LocalError` 000625 on a circle or after `timeoutMs`, or the signal's reason.
   */
  async acquire(
    owner: LockOwner,
    requests: readonly LockRequest[],
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly nameOf: (table: number) => string },
  ): Promise<void> {
    const strongest = new Map<number, LockMode>();
    for (const { table, mode } of requests) {
      const known = strongest.get(table);
      if (known === undefined || STRENGTH[mode] > STRENGTH[known]) strongest.set(table, mode);
    }
    for (const table of [...strongest.keys()].sort((a, b) => a - b)) {
      await this.#acquireOne(owner, table, strongest.get(table) as LockMode, options);
    }
  }

  release(owner: LockOwner): void {
    for (const table of owner.held) {
      const queue = this.#tables.get(table);
      if (queue === undefined) continue;
      queue.holders.delete(owner);
      queue.committing.delete(owner);
      this.#versions.set(table, (this.#versions.get(table) ?? 0) + 1);
      this.#wake(table, queue);
    }
    owner.held.clear();
  }

  async #acquireOne(
    owner: LockOwner,
    table: number,
    mode: LockMode,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly nameOf: (table: number) => string },
  ): Promise<void> {
    let queue = this.#tables.get(table);
    if (queue === undefined) {
      queue = { holders: new Map(), waiters: [], committing: new Set() };
      this.#tables.set(table, queue);
    }
    const current = queue.holders.get(owner);
    if (current !== undefined && STRENGTH[current] >= STRENGTH[mode]) return;
    if (queue.waiters.length === 0 && grantable(queue, owner, mode)) {
      queue.holders.set(owner, mode);
      owner.held.add(table);
      return;
    }
    if (this.#closesCircle(owner, queue, new Set())) throw lockRefused(queue, owner, options.nameOf(table));
    await this.#wait(owner, table, queue, mode, options);
  }

  async #wait(
    owner: LockOwner,
    table: number,
    queue: TableQueue,
    mode: LockMode,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly nameOf: (table: number) => string },
  ): Promise<void> {
    owner.waitingFor = table;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = { owner, mode, grant: () => settle(resolve) };
        const leave = (error: unknown): void => {
          const at = queue.waiters.indexOf(waiter);
          if (at >= 0) queue.waiters.splice(at, 1);
          settle(() => reject(error));
          this.#wake(table, queue);
        };
        const onAbort = (): void => leave(options.signal?.reason);
        const timer = setTimeout(() => leave(lockRefused(queue, owner, options.nameOf(table))), options.timeoutMs);
        const settle = (end: () => void): void => {
          clearTimeout(timer);
          options.signal?.removeEventListener('abort', onAbort);
          end();
        };
        // An owner that already holds the table and wants more goes first: behind others it would wait for itself.
        if (queue.holders.has(owner)) queue.waiters.unshift(waiter);
        else queue.waiters.push(waiter);
        if (options.signal?.aborted === true) onAbort();
        else options.signal?.addEventListener('abort', onAbort, { once: true });
      });
    } finally {
      owner.waitingFor = undefined;
    }
  }

  #wake(table: number, queue: TableQueue): void {
    for (let next = queue.waiters[0]; next !== undefined; next = queue.waiters[0]) {
      if (!grantable(queue, next.owner, next.mode)) break;
      queue.waiters.shift();
      queue.holders.set(next.owner, next.mode);
      next.owner.held.add(table);
      next.grant();
    }
    if (queue.holders.size === 0 && queue.waiters.length === 0) this.#tables.delete(table);
  }

  #closesCircle(start: LockOwner, queue: TableQueue, seen: Set<LockOwner>): boolean {
    const ahead = [...queue.holders.keys(), ...queue.waiters.map((waiter) => waiter.owner)];
    for (const other of ahead) {
      if (other === start || seen.has(other)) continue;
      seen.add(other);
      if (other.waitingFor === undefined) continue;
      const next = this.#tables.get(other.waitingFor);
      if (next === undefined) continue;
      if (next.holders.has(start) || this.#closesCircle(start, next, seen)) return true;
    }
    return false;
  }
}

function grantable(queue: TableQueue, owner: LockOwner, mode: LockMode): boolean {
  for (const [holder, held] of queue.holders) {
    if (holder === owner) continue;
    if (mode === 'exclusive' || held === 'exclusive') return false;
    if (mode === 'modify' && held === 'modify') return false;
  }
  return true;
}

function lockRefused(queue: TableQueue, owner: LockOwner, table: string): LocalError {
  const ahead = [...queue.holders.keys(), ...queue.waiters.map((waiter) => waiter.owner)];
  const blocker = ahead.find((other) => other !== owner);
  return new LocalError(
    '000625',
    '57014',
    `Statement '${blocker?.queryId() ?? ''}' has locked table '${table}' in another transaction and this lock has not yet been released.`,
  );
}
