import type { ClientStore } from '../../client-store.js';
import { prepareClients } from '../clients.js';
import type { Engine } from '../engine.js';
import { prepareTokens } from '../tokens.js';
import type { Turns } from './turns.js';

/** Who may ask, and by which tokens. */
export function clientRole(engine: Engine, { commit, read }: Turns): ClientStore {
  const clients = prepareClients(engine);
  const tokens = prepareTokens(engine);

  return {
    saveClient: (name, change) => commit.run(() => clients.save(name, change)),
    findClient: (name) => read(() => clients.find(name)),
    listClients: () => read(() => clients.list()),
    removeClient: async (name) => {
      const removed = await commit.run(() => clients.remove(name));
      // From here on nothing of it is admitted, so what waits only gets less; one that was left behind is finished now.
      while (await commit.run(() => clients.cancelWaiting(name)));
      return removed;
    },
    addToken: (token) => commit.run(() => tokens.add(token)),
    findToken: async (secretHash) => {
      const found = await read(() => tokens.find(secretHash));
      if (found !== undefined && tokens.isStale(found)) await commit.run(() => tokens.touch(found.id));
      return found;
    },
    voidTokens: (ids) => read(() => tokens.void(ids)),
    listTokens: (client) => read(() => tokens.list(client)),
    hasTokens: () => read(() => tokens.any()),
    revokeToken: (id) => commit.run(() => tokens.revoke(id)),
  };
}
