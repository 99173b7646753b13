import type { Store } from '../store/store.js';
import type { StatementClass } from '../warehouse/statement-kind.js';
import { permissionsOf } from './checked-gateway.js';
import type { Caller, ServerStatus } from './requests.js';

/** What a client sees of the server, `allow` narrowed to what it may run. */
export async function serverStatus(
  store: Store,
  caller: Caller,
  {
    connection,
    version,
    allow,
  }: { readonly connection: string; readonly version: string; readonly allow: readonly StatementClass[] },
): Promise<ServerStatus> {
  const [stats, workers, permissions, breakers] = await Promise.all([
    store.stats(),
    store.listWorkers(),
    permissionsOf(store, caller),
    store.breakers(),
  ]);
  const breaker = breakers.find(({ profile }) => profile === connection);
  const own = stats.clients[caller.client];
  return {
    version,
    connection,
    allow: permissions.allowed(allow),
    mode: breaker?.mode ?? 'normal',
    breaker: breaker?.state ?? 'closed',
    queue: { queued: stats.total_queued, running: stats.total_active, slots_free: stats.available_slots },
    workers: workers.filter((worker) => worker.state !== 'lost').length,
    you: { client: caller.client, queued: own?.queued ?? 0, running: own?.active ?? 0 },
  };
}
