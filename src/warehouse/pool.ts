import { backoffMs } from '../resilience/backoff.js';
import type { ConnectionPool, PoolOptions, PoolStats, WarehouseConnection } from './connection.js';
import { NoConnection } from './no-connection.js';

const DEFAULTS: PoolOptions = {
  maxConnections: 10,
  idleMs: 300_000,
  checkAfterMs: 30_000,
  acquireTimeoutMs: 30_000,
  // Short: how long an outage is waited out is the matter of those who ask for connections. This only keeps a process from
  // beating on a server that is coming back, and must not delay its use by much.
  openingBackoff: { strategy: 'exponential', initialMs: 100, maxMs: 1_000, multiplier: 2, jitter: 0.5 },
};

/** How long a health check may take, in ms. */
const PING_MS = 5_000;

interface Idle {
  readonly connection: WarehouseConnection;
  readonly since: number;
  readonly affinity: string | undefined;
}

interface Waiter {
  readonly affinity: string | undefined;
  resolve(connection: WarehouseConnection): void;
  reject(error: unknown): void;
}

/**
 * A bounded pool of one profile's connections. Waiters are served first come, first served. At most as many connections are
 * being opened as there are waiters, and as are open already, at least one: so a pool grows by doubling. After a connection
 * could not be opened the next attempt is a single one, after a pause, and answers all who wait while nothing is open. A
 * connection that failed its health check or may hold state is closed, never handed on. `open` is called for each new
 * connection.
 */
export function createPool(
  open: () => Promise<WarehouseConnection>,
  options: Partial<PoolOptions> = {},
): ConnectionPool {
  return new Pool(open, { ...DEFAULTS, ...options });
}

class Pool implements ConnectionPool {
  readonly #open: () => Promise<WarehouseConnection>;
  readonly #options: PoolOptions;
  /** Most recently used last: what is not needed at the front grows old and is evicted. */
  #idle: Idle[] = [];
  readonly #busy = new Map<WarehouseConnection, string | undefined>();
  readonly #waiters: Waiter[] = [];
  /** Being opened or checked: they count against the bound, and each will serve one waiter or become idle. */
  #coming = 0;
  /** Of those, the ones being opened. */
  #opening = 0;
  /** Attempts to open one that failed in a row, and until when the next one waits. */
  #failures = 0;
  #pausedUntil = 0;
  #resuming: NodeJS.Timeout | undefined;
  /** Being closed: they still hold a session at the server, so they count too. */
  #going = 0;
  #closed = false;
  #evicting: NodeJS.Timeout | undefined;
  #settled: (() => void)[] = [];

  constructor(open: () => Promise<WarehouseConnection>, options: PoolOptions) {
    this.#open = open;
    this.#options = options;
  }

  async acquire(request: { readonly affinity?: string; readonly signal?: AbortSignal }): Promise<WarehouseConnection> {
    const { affinity, signal } = request;
    if (this.#closed) throw closedError();
    signal?.throwIfAborted();
    return await new Promise<WarehouseConnection>((resolve, reject) => {
      const waiter: Waiter = {
        affinity,
        resolve: (connection) => {
          forget();
          resolve(connection);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      const leave = (error: unknown): void => {
        const place = this.#waiters.indexOf(waiter);
        if (place >= 0) this.#waiters.splice(place, 1);
        waiter.reject(error);
      };
      const onAbort = (): void => leave(signal?.reason);
      const timer = setTimeout(() => leave(this.#timeoutError()), this.#options.acquireTimeoutMs);
      const forget = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  async release(connection: WarehouseConnection, { dirty }: { readonly dirty: boolean }): Promise<void> {
    if (!this.#busy.has(connection)) return;
    const affinity = this.#busy.get(connection);
    this.#busy.delete(connection);
    if (dirty || this.#closed || !connection.alive) {
      await this.#discard(connection);
      return;
    }
    this.#idle.push({ connection, since: performance.now(), affinity });
    this.#serve();
    this.#scheduleEviction();
  }

  stats(): PoolStats {
    const busy = this.#busy.size;
    const idle = this.#idle.length;
    return { open: busy + idle + this.#coming + this.#going, idle, busy, waiting: this.#waiters.length };
  }

  /** Refuses new waiters, closes what is idle, and resolves when what is on loan came back and was closed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#evicting);
    clearTimeout(this.#resuming);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(closedError());
    await Promise.all(this.#idle.splice(0).map(({ connection }) => this.#discard(connection)));
    while (this.stats().open > 0) await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  /** Gives waiters what is idle, and starts as many new connections as there are waiters without one coming. */
  #serve(): void {
    while (this.#waiters.length > this.#coming && !this.#closed) {
      const idle = this.#takeIdle(this.#waiters[this.#coming]?.affinity);
      if (idle !== undefined && !this.#needsCheck(idle)) this.#handOver(idle.connection);
      else if (idle !== undefined) void this.#check(idle);
      else if (this.#mayOpen()) void this.#create();
      else return;
    }
  }

  #mayOpen(): boolean {
    const alive = this.#busy.size + this.#idle.length;
    if (alive + this.#coming + this.#going >= this.#options.maxConnections) return false;
    if (performance.now() < this.#pausedUntil) return false;
    return this.#opening < (this.#failures > 0 ? 1 : Math.max(1, alive));
  }

  #takeIdle(affinity: string | undefined): Idle | undefined {
    const own = affinity === undefined ? -1 : this.#idle.findLastIndex((idle) => idle.affinity === affinity);
    const [idle] = this.#idle.splice(own >= 0 ? own : this.#idle.length - 1, 1);
    return idle;
  }

  #needsCheck({ connection, since }: Idle): boolean {
    return !connection.alive || performance.now() - since > this.#options.checkAfterMs;
  }

  #handOver(connection: WarehouseConnection): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined || this.#closed) {
      // Whoever asked for it has left meanwhile.
      this.#idle.push({ connection, since: performance.now(), affinity: undefined });
      if (this.#closed) void this.#discard(this.#idle.pop()?.connection as WarehouseConnection);
      else this.#scheduleEviction();
      return;
    }
    this.#busy.set(connection, waiter.affinity);
    waiter.resolve(connection);
  }

  async #check({ connection }: Idle): Promise<void> {
    this.#coming += 1;
    try {
      if (!connection.alive) throw closedError();
      await connection.ping(PING_MS);
      this.#coming -= 1;
      this.#handOver(connection);
    } catch {
      this.#coming -= 1;
      // Its place may be taken by a new one before it has ended: the session at the server is gone already.
      void this.#discard(connection);
    }
    this.#serve();
    this.#tellSettled();
  }

  async #create(): Promise<void> {
    this.#coming += 1;
    this.#opening += 1;
    try {
      const connection = await this.#open();
      this.#coming -= 1;
      this.#opening -= 1;
      this.#failures = 0;
      this.#pausedUntil = 0;
      this.#handOver(connection);
    } catch (error) {
      this.#coming -= 1;
      this.#opening -= 1;
      this.#pause();
      this.#answerWith(error);
    }
    this.#serve();
    this.#tellSettled();
  }

  #pause(): void {
    this.#failures += 1;
    const pauseMs = backoffMs(this.#failures, { ...this.#options.openingBackoff, attempts: Number.POSITIVE_INFINITY });
    this.#pausedUntil = performance.now() + pauseMs;
    clearTimeout(this.#resuming);
    // A timer may fire a little early; the pause is over when it does.
    this.#resuming = setTimeout(() => {
      this.#pausedUntil = 0;
      this.#serve();
    }, pauseMs).unref();
  }

  /** One failure answers one waiter while others may still be served, and all when there is nothing to wait for. */
  #answerWith(error: unknown): void {
    const hopeless = this.#busy.size + this.#idle.length + this.#coming === 0;
    for (const waiter of this.#waiters.splice(0, hopeless ? this.#waiters.length : 1)) waiter.reject(error);
  }

  async #discard(connection: WarehouseConnection): Promise<void> {
    this.#going += 1;
    await connection.close().catch(() => {});
    this.#going -= 1;
    this.#serve();
    this.#tellSettled();
  }

  #scheduleEviction(): void {
    if (this.#evicting !== undefined || this.#closed || this.#idle.length === 0) return;
    const oldest = Math.min(...this.#idle.map(({ since }) => since));
    const inMs = Math.max(0, oldest + this.#options.idleMs - performance.now());
    this.#evicting = setTimeout(() => {
      this.#evicting = undefined;
      const now = performance.now();
      const old = this.#idle.filter(({ since }) => now - since >= this.#options.idleMs);
      this.#idle = this.#idle.filter((idle) => !old.includes(idle));
      for (const { connection } of old) void this.#discard(connection);
      this.#scheduleEviction();
    }, inMs);
    this.#evicting.unref();
  }

  #tellSettled(): void {
    for (const settled of this.#settled.splice(0)) settled();
  }

  #timeoutError(): NoConnection {
    const { maxConnections, acquireTimeoutMs } = this.#options;
    return new NoConnection({
      code: 'CONNECTION_FAILED',
      message: `No connection became free within ${acquireTimeoutMs / 1000} s; all ${maxConnections} are in use.`,
      hint: 'Try again later, run fewer statements at once, or raise pool.max_connections.',
    });
  }
}

function closedError(): NoConnection {
  return new NoConnection({ code: 'CONNECTION_FAILED', message: 'The connections are being closed.' });
}
