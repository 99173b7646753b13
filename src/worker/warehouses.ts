import { setTimeout as delay } from 'node:timers/promises';
import { type LockStats, ReadWriteLock } from '../locks/read-write-lock.js';
import { RetryBudget } from '../resilience/retry-budget.js';
import type { ConnectionPool, PoolStats, WarehouseConnection } from '../warehouse/connection.js';
import { LoginGate } from '../warehouse/login-gate.js';
import { NoConnection } from '../warehouse/no-connection.js';
import type { ConnectionProfile, ProfileResolver } from '../warehouse/profile.js';
import type { SharedLogins } from '../warehouse/shared-logins.js';

export interface WarehousesOptions {
  readonly resolve: ProfileResolver;
  readonly connect: (profile: ConnectionProfile) => Promise<WarehouseConnection>;
  readonly createPool: (open: () => Promise<WarehouseConnection>) => ConnectionPool;
  /** What other processes know of logins; without it each keeps to its own refusals. */
  readonly logins?: SharedLogins;
}

const CLOSE_MS = 3_000;

const PING_MS = 5_000;

/** A connection on loan, with the pool it has to go back to. */
export interface Loan {
  readonly connection: WarehouseConnection;
  /** It carries what a session left in it and must not be exchanged for another one. */
  readonly keepSession?: boolean;
  /** Gives it back; `dirty` closes it. */
  end(options: { readonly dirty: boolean }): Promise<void>;
}

/** One pool per connection profile, made when the first job asks for it. */
export class Warehouses {
  readonly #options: WarehousesOptions;
  readonly #pools = new Map<string, ConnectionPool>();
  /** Outlive their pools: a refusal is remembered when the connections are not. */
  readonly #gates = new Map<string, LoginGate>();
  readonly #budgets = new Map<string, RetryBudget>();
  readonly #retired = new Set<Promise<void>>();
  /** Held by those who work alone: the off side of the flag `connection-pool`. */
  readonly #globalLock = new ReadWriteLock();
  #closed = false;

  constructor(options: WarehousesOptions) {
    this.#options = options;
  }

  /** `alone`: nobody else who asks for that has a connection of this process at the same time, of whatever profile. */
  async borrow(
    profile: string,
    options: { readonly affinity?: string; readonly signal?: AbortSignal; readonly alone?: boolean },
  ): Promise<Loan> {
    if (options.alone !== true) return await this.#lend(profile, options);
    const release = await this.#globalLock.acquire(
      'write',
      options.signal === undefined ? {} : { signal: options.signal },
    );
    try {
      const loan = await this.#lend(profile, options);
      return {
        connection: loan.connection,
        end: async (how) => await loan.end(how).finally(release),
      };
    } catch (failure) {
      release();
      throw failure;
    }
  }

  async #lend(profile: string, options: { readonly affinity?: string; readonly signal?: AbortSignal }): Promise<Loan> {
    if (this.#closed)
      throw new NoConnection({ code: 'CONNECTION_FAILED', message: 'The connections are being closed.' });
    const pool = this.#poolOf(profile);
    const connection = await pool.acquire(options);
    return {
      connection,
      end: async ({ dirty }) => {
        if (!connection.alive) this.#distrust(profile, pool);
        await pool.release(connection, { dirty: dirty || !connection.alive });
      },
    };
  }

  /** A connection outside the pools; whoever asked for it closes it. */
  async open(profile: string): Promise<WarehouseConnection> {
    const gate = this.#gates.get(profile) ?? new LoginGate();
    this.#gates.set(profile, gate);
    // Resolved for each connection anew: the engine's process may have been replaced, a token renewed.
    const resolved = await this.#options.resolve(profile);
    const { connect, logins } = this.#options;
    const login = () => connect(resolved);
    // The built-in Snowflake locks nobody out.
    const shared = logins === undefined || resolved.local ? login : () => logins.pass(resolved.options, login);
    return await gate.pass(resolved.options, shared);
  }

  /** Resolves when the warehouse has answered a login and a question of a connection made for that alone. */
  async probe(profile: string): Promise<void> {
    const connection = await this.open(profile);
    try {
      await connection.ping(PING_MS);
    } finally {
      connection.close().catch(() => {});
    }
  }

  /** What bounds the repetitions of all who use the profile's connections at once. */
  budget(profile: string): RetryBudget {
    const budget = this.#budgets.get(profile) ?? new RetryBudget();
    this.#budgets.set(profile, budget);
    return budget;
  }

  stats(): Readonly<Record<string, PoolStats>> {
    return Object.fromEntries([...this.#pools].map(([profile, pool]) => [profile, pool.stats()]));
  }

  /** Of the lock that those who work alone share. */
  lockStats(): LockStats {
    return this.#globalLock.stats();
  }

  /**
   * Closes what is idle and waits for what is on loan, at most `graceMs`: a write that was left to another worker goes on
   * until its process ends.
   */
  async close(graceMs = CLOSE_MS): Promise<void> {
    this.#closed = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    const closed = Promise.all([...pools.map((pool) => pool.close()), ...this.#retired]);
    const timeUp = new AbortController();
    await Promise.race([closed, delay(graceMs, undefined, { signal: timeUp.signal }).catch(() => {})]);
    timeUp.abort();
  }

  #poolOf(profile: string): ConnectionPool {
    let pool = this.#pools.get(profile);
    if (pool === undefined) {
      pool = this.#options.createPool(() => this.open(profile));
      this.#pools.set(profile, pool);
    }
    return pool;
  }

  /** One connection was lost: its neighbours in the pool most likely are too, and would each cost a job an attempt. */
  #distrust(profile: string, pool: ConnectionPool): void {
    if (this.#pools.get(profile) !== pool) return;
    this.#pools.delete(profile);
    const closing = pool.close().catch(() => {});
    this.#retired.add(closing);
    void closing.finally(() => this.#retired.delete(closing));
  }
}
