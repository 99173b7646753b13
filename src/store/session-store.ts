import type { WarehouseContext } from './job.js';

/** A client's warehouse context, found again after a reconnect, a restart and in another process. */
export interface SessionRecord {
  readonly client: string;
  /** `default`, or the name the client gave it. */
  readonly name: string;
  readonly context: WarehouseContext;
  readonly createdAt: number;
  readonly usedAt: number;
}

export interface SessionStore {
  /** The session, made empty if it is not there. */
  getSession(client: string, name: string): Promise<SessionRecord>;
  /** Merges `change` into the context: `null` clears a member, an absent member stays. */
  setSession(
    client: string,
    name: string,
    change: { readonly [K in keyof WarehouseContext]?: WarehouseContext[K] | null },
  ): Promise<SessionRecord>;
  listSessions(client: string): Promise<readonly SessionRecord[]>;
}
