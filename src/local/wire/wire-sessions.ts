import type { Engine, EngineSession, SessionOptions } from '../engine/engine.js';
import type { ParameterMap } from './result-parameters.js';
import { sessionGone, tooManySessions } from './wire-failure.js';

/** A session as the protocol sees it: the engine's, and when it was last heard of. */
export interface WireSession {
  readonly engine: EngineSession;
  readonly atLogin: ParameterMap;
  lastUsedAt: number;
}

export interface SessionLimits {
  /** Sessions open at once. */
  readonly open: number;
  /** Milliseconds without a request after which a session is closed; Snowflake's is four hours. */
  readonly idleMs: number;
  /** At the limit, sessions unheard of for this long make room: their clients are most likely dead. */
  readonly yieldsAfterMs: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = { open: 100, idleMs: 4 * 3_600_000, yieldsAfterMs: 30_000 };

export class WireSessions {
  readonly #engine: Engine;
  readonly #limits: SessionLimits;
  readonly #isBusy: (sessionId: string) => boolean;
  readonly #open = new Map<string, WireSession>();
  #opening = 0;

  /** `isBusy` tells whether a statement of the session is running. */
  constructor(engine: Engine, isBusy: (sessionId: string) => boolean, limits: SessionLimits = DEFAULT_SESSION_LIMITS) {
    this.#engine = engine;
    this.#isBusy = isBusy;
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Milliseconds since the epoch of the last request of any open session; 0 when none is open. */
  get lastUsedAt(): number {
    return Math.max(0, ...[...this.#open.values()].map((session) => session.lastUsedAt));
  }

  async open(options: SessionOptions): Promise<WireSession> {
    if (this.#open.size + this.#opening >= this.#limits.open) await this.#makeRoom();
    if (this.#open.size + this.#opening >= this.#limits.open) throw tooManySessions(this.#limits.open);
    this.#opening += 1;
    try {
      const engine = await this.#engine.openSession(options);
      const session = { engine, atLogin: options.parameters, lastUsedAt: Date.now() };
      this.#open.set(engine.id, session);
      return session;
    } finally {
      this.#opening -= 1;
    }
  }

  has(sessionId: string): boolean {
    return this.#open.has(sessionId);
  }

  /** Throws 390111 when the session is gone. */
  get(sessionId: string): WireSession {
    const session = this.#open.get(sessionId);
    if (session === undefined) throw sessionGone();
    session.lastUsedAt = Date.now();
    return session;
  }

  async close(sessionId: string): Promise<void> {
    const session = this.#open.get(sessionId);
    this.#open.delete(sessionId);
    await session?.engine.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  async closeIdle(now = Date.now()): Promise<void> {
    const idle = this.#idleFor(this.#limits.idleMs, now);
    await Promise.all(idle.map((session) => this.close(session.engine.id)));
  }

  async #makeRoom(): Promise<void> {
    const [longest] = this.#idleFor(this.#limits.yieldsAfterMs, Date.now());
    if (longest !== undefined) await this.close(longest.engine.id);
  }

  #idleFor(ms: number, now: number): WireSession[] {
    return [...this.#open.values()]
      .filter((session) => now - session.lastUsedAt >= ms && !this.#isBusy(session.engine.id))
      .sort((a, b) => a.lastUsedAt - b.lastUsedAt);
  }
}
