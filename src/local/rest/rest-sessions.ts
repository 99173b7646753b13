import { randomUUID } from 'node:crypto';
import { scratchDatabase } from '../engine/grants/rights-at-login.js';
import type { WireState } from '../wire/exchange.js';
import type { ParameterMap } from '../wire/result-parameters.js';
import type { WireSession } from '../wire/wire-sessions.js';
import type { Caller } from './caller.js';
import { type NamedContext, openForCaller } from './open-for-caller.js';
import { RestProblem } from './rest-problem.js';

export type Storage = 'memory' | 'persistent';

export interface RestSession {
  readonly id: string;
  readonly user: string;
  readonly storage: Storage;
  readonly ttlMs: number;
  readonly createdAt: number;
  readonly wire: WireSession;
  expiresAt: number;
}

interface Held extends RestSession {
  readonly timer: NodeJS.Timeout;
  /** The database that belongs to it. */
  readonly scratch: string | undefined;
}

const SCRATCH = /^REST_SESSION_\d+$/;

/** Sessions that clients of `/api/v1` made: they end when deleted, or when nobody has used them for their time. */
export class RestSessions {
  readonly #state: WireState;
  readonly #open = new Map<string, Held>();
  #tidied: Promise<void> | undefined;

  constructor(state: WireState) {
    this.#state = state;
  }

  /** Throws what `openForCaller` throws. */
  async create(
    caller: Caller,
    context: NamedContext,
    parameters: ParameterMap,
    storage: Storage,
    ttlMs: number,
  ): Promise<RestSession> {
    if (storage === 'memory') await this.#tidy();
    const wire = await openForCaller(this.#state, caller, context, parameters);
    const { id } = wire.engine;
    const scratch = storage === 'memory' ? scratchDatabase(id) : undefined;
    if (scratch !== undefined) {
      try {
        await run(wire, `create transient database ${scratch}`);
      } catch (error) {
        await this.#state.sessions.close(id);
        throw error;
      }
    }
    const now = Date.now();
    const timer = setTimeout(() => this.#expire(id), ttlMs).unref();
    const session = {
      id,
      user: caller.user,
      storage,
      ttlMs,
      createdAt: now,
      expiresAt: now + ttlMs,
      wire,
      timer,
      scratch,
    };
    this.#open.set(id, session);
    return session;
  }

  /** Those of the caller. */
  list(caller: Caller): RestSession[] {
    return [...this.#open.values()].filter((session) => session.user === caller.user && this.#isThere(session.id));
  }

  /** Counts as use, from which its time begins anew. Throws 404 for one that is not there or is somebody else's. */
  use(id: string, caller: Caller): RestSession {
    const session = this.#open.get(id);
    if (session?.user !== caller.user || !this.#isThere(id))
      throw new RestProblem(
        404,
        '390111',
        `Session ${id} does not exist, or no longer. POST /api/v1/sessions makes one.`,
      );
    session.timer.refresh();
    session.expiresAt = Date.now() + session.ttlMs;
    return session;
  }

  /** Cancels what it has running. Throws 404 as `use` does. */
  async end(id: string, caller: Caller): Promise<void> {
    this.use(id, caller);
    await this.#close(id);
  }

  #expire(id: string): void {
    const session = this.#open.get(id);
    if (session === undefined) return;
    if (this.#state.queries.isBusy(id)) session.timer.refresh();
    else this.#close(id).catch(() => undefined);
  }

  async #close(id: string): Promise<void> {
    const session = this.#open.get(id);
    if (session === undefined) return;
    this.#open.delete(id);
    clearTimeout(session.timer);
    await this.#state.queries.cancelSession(id);
    try {
      if (session.scratch !== undefined) await run(session.wire, `drop database if exists ${session.scratch}`);
    } finally {
      await this.#state.sessions.close(id);
    }
  }

  /** The server itself closes sessions that are silent for too long. */
  #isThere(id: string): boolean {
    if (this.#state.sessions.has(id)) return true;
    const session = this.#open.get(id);
    clearTimeout(session?.timer);
    this.#open.delete(id);
    return false;
  }

  /** Once for each process; again where it failed. */
  #tidy(): Promise<void> {
    this.#tidied ??= this.#dropLeftovers().catch((error: unknown) => {
      this.#tidied = undefined;
      throw error;
    });
    return this.#tidied;
  }

  /** Databases of sessions that ended with their process. */
  async #dropLeftovers(): Promise<void> {
    const wire = await this.#state.sessions.open({ user: 'LOCAL', context: {}, parameters: {} });
    try {
      const { columns, blocks } = await run(wire, "show databases like 'REST_SESSION_%'");
      const at = columns.findIndex(({ name }) => name === 'name');
      const names: string[] = [];
      for await (const { json } of blocks)
        names.push(...(JSON.parse(`[${json}]`) as (string | null)[][]).map((row) => row[at] ?? ''));
      for (const name of names) if (SCRATCH.test(name)) await run(wire, `drop database if exists ${name}`);
    } finally {
      await this.#state.sessions.close(wire.engine.id);
    }
  }
}

const run = (wire: WireSession, text: string) => wire.engine.execute({ text, queryId: randomUUID() });
