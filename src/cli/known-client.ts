import { SnowError } from '../errors/snow-error.js';
import type { ClientRecord, ClientStore } from '../store/client-store.js';

/** Throws `NOT_FOUND` for one that is not there or was removed. */
export async function knownClient(store: Pick<ClientStore, 'findClient'>, name: string): Promise<ClientRecord> {
  const client = await store.findClient(name);
  if (client === undefined || client.removedAt !== undefined) throw unknownClient(name);
  return client;
}

export function unknownClient(name: string): SnowError {
  return new SnowError({
    code: 'NOT_FOUND',
    message: `There is no client "${name.slice(0, 200)}".`,
    hint: 'See mcp-snow client list; add it with client add.',
  });
}
