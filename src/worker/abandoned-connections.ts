import { randomUUID } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';
import type { LeaseStore } from '../store/lease-store.js';
import { type PinnedConnection, pinResource, type SessionStore } from '../store/session-store.js';
import { profileOfLane } from '../warehouse/job-payload.js';
import type { Warehouses } from './warehouses.js';

export interface AbandonedConnectionsOptions {
  readonly store: LeaseStore & Pick<SessionStore, 'abandonedConnections' | 'forgetConnection'>;
  readonly warehouses: Pick<Warehouses, 'borrow'>;
  /** Lanes whose warehouses this worker reaches. */
  readonly lanes: readonly string[];
}

/** One worker at a time ends a connection; the next may try so long after it (ms). */
const TRY_MS = 30_000;
const TIMEOUT_MS = 20_000;

/**
 * Ends in the warehouse what a worker held for pinned sessions when it was killed: an open transaction would keep its locks
 * until the warehouse itself gives it up.
 */
export async function endAbandonedConnections(options: AbandonedConnectionsOptions, worker: string): Promise<void> {
  const abandoned = (await options.store.abandonedConnections()).filter(({ lane }) => options.lanes.includes(lane));
  await Promise.all(abandoned.map((connection) => endOne(options, connection, worker)));
}

async function endOne(
  { store, warehouses }: AbandonedConnectionsOptions,
  { pin, lane, warehouseSession }: PinnedConnection,
  worker: string,
): Promise<void> {
  const mine = await store.acquireLease(`${pinResource(pin)}:end`, worker, TRY_MS);
  if (mine === undefined) return;
  const loan = await warehouses.borrow(profileOfLane(lane), {});
  try {
    await loan.connection.execute({
      sql: `SELECT SYSTEM$ABORT_SESSION(${numberOf(warehouseSession)})`,
      requestId: randomUUID(),
      queryTag: JSON.stringify({ app: 'mcp-snow', pin }),
      maxRows: 1,
      maxBytes: 1_000,
      timeoutMs: TIMEOUT_MS,
      stallMs: TIMEOUT_MS,
      onRows: async () => undefined,
    });
  } catch (failure) {
    // Snowflake's own answer is final: the session is over, or only an administrator may end it.
    if (!(failure instanceof SnowError && failure.code === 'SNOWFLAKE_ERROR')) throw failure;
  } finally {
    await loan.end({ dirty: false });
  }
  await store.forgetConnection(pin);
}

function numberOf(warehouseSession: string): string {
  if (/^\d+$/.test(warehouseSession)) return warehouseSession;
  throw new Error(`no number of a session: ${warehouseSession.slice(0, 80)}`);
}
