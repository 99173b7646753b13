import { SnowError } from '../errors/snow-error.js';
import { ReadWriteLock } from '../locks/read-write-lock.js';
import type { LeaseStore } from '../store/lease-store.js';
import { pinResource, type SessionStore } from '../store/session-store.js';
import type { WarehouseConnection } from '../warehouse/connection.js';
import { PinGone } from '../warehouse/pin-gone.js';
import type { Loan } from './warehouses.js';

export interface PinnedSessionsOptions {
  readonly store: LeaseStore & Pick<SessionStore, 'forgetConnection'> & { onChange(listener: () => void): () => void };
  /** Makes a connection of the profile that no pool has a part in. */
  readonly open: (profile: string) => Promise<WarehouseConnection>;
  /** How long a pin outlives a worker that is not heard of, in ms (15,000). */
  readonly leaseMs?: number;
  /** A pinned session without a statement for this long (ms) is ended (10 min). */
  readonly idleMs?: number;
  /** Pinned sessions held at once (10). */
  readonly most?: number;
}

const LEASE_MS = 15_000;
const IDLE_MS = 600_000;
const MOST = 10;

/** After a change of the store, pins are looked at this many ms later at most. */
const LOOK_MS = 100;

interface Held {
  readonly connection: WarehouseConnection;
  readonly worker: string;
  /** One statement after the other, in their order. */
  readonly turn: ReadWriteLock;
  usedAt: number;
}

/**
 * The connections of the pinned sessions that a worker holds. Each is its session's alone, from the statement that opens it
 * until it is unpinned, idle for too long, lost, or the worker ends; then it is closed, which rolls back what was open.
 */
export class PinnedSessions {
  readonly #options: PinnedSessionsOptions;
  readonly #held = new Map<string, Held>();
  readonly #ending = new Set<Promise<void>>();
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  #opening = 0;
  #look: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PinnedSessionsOptions) {
    this.#options = options;
    this.#stopListening = options.store.onChange(() => this.#lookSoon());
    const everyMs = Math.min(this.#leaseMs / 3, this.#idleMs / 2);
    this.#timer = setInterval(() => void this.#renewAll(), everyMs).unref();
  }

  /** Makes the pin's connection and takes the lease that says so. */
  async open(id: string, worker: string, profile: string): Promise<void> {
    if (this.#held.has(id)) return;
    const most = this.#options.most ?? MOST;
    if (this.#closed || this.#held.size + this.#opening >= most) throw full(most);
    this.#opening += 1;
    try {
      const connection = await this.#options.open(profile);
      const lease = await this.#options.store
        .acquireLease(pinResource(id), worker, this.#leaseMs)
        .catch(() => undefined);
      // A second acquisition would be of a pin whose state is gone.
      if (lease?.fence !== 1 || this.#closed) {
        await connection.close();
        throw new PinGone();
      }
      this.#held.set(id, { connection, worker, turn: new ReadWriteLock(), usedAt: performance.now() });
    } finally {
      this.#opening -= 1;
    }
  }

  /** The pin's connection, once the statements before have ended. Throws `NOT_FOUND` when it is not held (any more). */
  async borrow(id: string, signal: AbortSignal): Promise<Loan> {
    const held = this.#held.get(id);
    if (held === undefined) throw new PinGone();
    const release = await held.turn.acquire('write', { signal });
    if (this.#held.get(id) !== held) {
      release();
      throw new PinGone();
    }
    return {
      connection: held.connection,
      keepSession: true,
      end: async () => {
        held.usedAt = performance.now();
        if (!held.connection.alive) this.#end(id);
        release();
      },
    };
  }

  /** Closes the pin's connection. */
  drop(id: string): void {
    this.#end(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#look);
    this.#stopListening();
    for (const id of [...this.#held.keys()]) this.#end(id);
    await Promise.all(this.#ending);
  }

  get #leaseMs(): number {
    return this.#options.leaseMs ?? LEASE_MS;
  }

  get #idleMs(): number {
    return this.#options.idleMs ?? IDLE_MS;
  }

  #end(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    const { store } = this.#options;
    // Of a connection that was lost the warehouse may not hear that it is closed.
    const { alive } = held.connection;
    const closed = held.connection.close().then(async () => (alive ? await store.forgetConnection(id) : undefined));
    const ended = Promise.allSettled([closed, store.releaseLease(pinResource(id), held.worker)]).then(
      () => void this.#ending.delete(ended),
    );
    this.#ending.add(ended);
  }

  async #renewAll(): Promise<void> {
    const { store } = this.#options;
    const now = performance.now();
    await Promise.all(
      [...this.#held].map(async ([id, held]) => {
        const idle = held.turn.idle && now - held.usedAt > this.#idleMs;
        // A store that does not answer is asked again; the lease decides in the end.
        const kept = !idle && (await store.renewLease(pinResource(id), held.worker, this.#leaseMs).catch(() => true));
        if (!kept) this.#end(id);
      }),
    );
  }

  /** Who unpins a session releases its lease. */
  #lookSoon(): void {
    if (this.#look !== undefined || this.#held.size === 0) return;
    this.#look = setTimeout(() => {
      this.#look = undefined;
      void this.#endReleased();
    }, LOOK_MS).unref();
  }

  async #endReleased(): Promise<void> {
    await Promise.all(
      [...this.#held].map(async ([id, held]) => {
        const holder = await this.#options.store.leaseHolder(pinResource(id)).catch(() => held.worker);
        if (holder !== held.worker) this.#end(id);
      }),
    );
  }
}

function full(most: number): SnowError {
  return new SnowError({
    code: 'QUEUE_FULL',
    message: `This worker holds as many pinned sessions as it may (${most}).`,
    hint: 'Unpin sessions that are no longer needed: set_session { pinned: false }.',
  });
}
