import { decideAll, type FlagName } from '../config/flags.js';
import type { ClientStore } from '../store/client-store.js';
import type { FlagStore } from '../store/flag-store.js';

export type Flags = Readonly<Record<FlagName, boolean>>;

/** The flags of a client as they are now. Read with every call, so that a change needs no restart. */
export async function flagsOf(store: FlagStore & Pick<ClientStore, 'findClient'>, client: string): Promise<Flags> {
  const settings = await store.flagSettings();
  // Most systems set nothing by group, and then nobody has to be looked up.
  const byGroup = settings.some(({ scope }) => scope !== 'all' && 'group' in scope);
  const group = byGroup ? (await store.findClient(client))?.group : undefined;
  return decideAll({ client, ...(group === undefined ? {} : { group }) }, settings);
}
