import type { WarehouseContext } from './job.js';

/** Where the one connection of a pinned session is held. The lease `pinResource(id)` says whether it still is. */
export interface SessionPin {
  /** UUID; another one each time a session is pinned. */
  readonly id: string;
  readonly worker: string;
  /** The lane that only this worker serves. */
  readonly lane: string;
}

/** A connection that is kept for a pin. */
export interface PinnedConnection {
  readonly pin: string;
  /** The shared lane of workers that can reach its warehouse. */
  readonly lane: string;
  /** The session as its warehouse numbers it. */
  readonly warehouseSession: string;
}

/** The resource of the lease that a worker keeps for as long as it holds the pin's connection. */
export function pinResource(id: string): string {
  return `pin:${id}`;
}

/** A client's warehouse context, found again after a reconnect, a restart and in another process, until nobody uses it for long. */
export interface SessionRecord {
  readonly client: string;
  /** `default`, or the name the client gave it. */
  readonly name: string;
  readonly context: WarehouseContext;
  readonly pin?: SessionPin;
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
  /** Notes where the session's connection is held; `null` forgets it. */
  pinSession(client: string, name: string, pin: SessionPin | null): Promise<SessionRecord>;
  /** Notes what has to be ended in the warehouse when nobody holds the pin any more. */
  rememberConnection(connection: PinnedConnection): Promise<void>;
  /** It is closed. */
  forgetConnection(pin: string): Promise<void>;
  /** Connections whose pin nobody holds: mostly, their worker was killed. */
  abandonedConnections(): Promise<readonly PinnedConnection[]>;
  listSessions(client: string): Promise<readonly SessionRecord[]>;
}
