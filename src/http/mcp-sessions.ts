import { randomUUID } from 'node:crypto';
import type { McpServer, Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';

export interface McpSession {
  readonly id: string;
  /** Name of the client whose token opened it; `undefined` where no tokens are in use. */
  readonly owner: string | undefined;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: McpServer | Server;
}

interface Held extends McpSession {
  /** Requests and streams that are open. */
  open: number;
  /** Monotonic time of the last one's end, in ms. */
  idleSince: number;
}

export interface SessionBounds {
  /** A session that nobody asks anything for this long ends, in ms (30 min). */
  readonly idleMs: number;
  /** Sessions at once: of everybody (10,000), and of one owner (2,000). */
  readonly most: number;
  readonly mostPerOwner: number;
}

const SESSION_BOUNDS: SessionBounds = { idleMs: 30 * 60_000, most: 10_000, mostPerOwner: 2_000 };

/**
 * MCP sessions of the 2025 era: bound to their owner, ended when idle, bounded in number. Who has reached a bound gives up
 * the session of his that is idle the longest; others' are never touched.
 */
export class McpSessions {
  readonly #bounds: SessionBounds;
  readonly #sessions = new Map<string, Held>();
  readonly #reaper: NodeJS.Timeout;

  constructor(bounds: SessionBounds = SESSION_BOUNDS) {
    this.#bounds = bounds;
    this.#reaper = setInterval(() => this.#endIdle(), Math.min(60_000, Math.max(10, bounds.idleMs / 4)));
    this.#reaper.unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Ids are not to be guessed: 122 random bits. */
  newId(): string {
    return randomUUID();
  }

  /** False when there is no room and nothing of the owner's to give up. */
  makeRoom(owner: string | undefined): boolean {
    const own = [...this.#sessions.values()].filter((session) => session.owner === owner);
    const full = this.#sessions.size >= this.#bounds.most || own.length >= this.#bounds.mostPerOwner;
    if (!full) return true;
    const idle = own.filter((session) => session.open === 0);
    if (idle.length === 0) return false;
    void this.end(idle.reduce((longest, session) => (session.idleSince < longest.idleSince ? session : longest)).id);
    return true;
  }

  add(session: McpSession): void {
    this.#sessions.set(session.id, { ...session, open: 0, idleSince: performance.now() });
  }

  /** Whoever it belongs to. */
  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** Another owner's session does not exist. */
  find(id: string, owner: string | undefined): McpSession | undefined {
    const session = this.#sessions.get(id);
    return session?.owner === owner ? session : undefined;
  }

  /** Keeps the session from being idle until the returned function is called. */
  use(id: string): () => void {
    const session = this.#sessions.get(id);
    if (session === undefined) return () => undefined;
    session.open += 1;
    return () => {
      session.open -= 1;
      session.idleSince = performance.now();
    };
  }

  async end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    await session.server.close();
  }

  async close(): Promise<void> {
    clearInterval(this.#reaper);
    await Promise.allSettled([...this.#sessions.keys()].map((id) => this.end(id)));
  }

  #endIdle(): void {
    const before = performance.now() - this.#bounds.idleMs;
    for (const { id, open, idleSince } of this.#sessions.values())
      if (open === 0 && idleSince <= before) void this.end(id).catch(() => undefined);
  }
}
