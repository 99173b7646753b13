import { SnowError } from '../errors/snow-error.js';
import type { ClientStore, Scope } from '../store/client-store.js';
import { Permissions } from './permissions.js';
import type { Caller, UnauditedGateway } from './requests.js';

type Call = (caller: Caller, ...rest: readonly unknown[]) => Promise<unknown>;

/** What a token has to be good for, by method; `undefined` where any will do. Statements ask for more by their class, operations by their name. */
const SCOPE_OF_CALL: Readonly<Record<string, Scope | undefined>> = {
  query: undefined,
  startQuery: undefined,
  startListing: 'query',
  operate: undefined,
  startOperation: undefined,
  listDatabases: 'query',
  listSchemas: 'query',
  listTables: 'query',
  listViews: 'query',
  describeTable: 'query',
  jobStatus: 'jobs',
  jobResult: 'jobs',
  jobCancel: 'jobs',
  watchJob: 'jobs',
  listJobs: 'jobs',
  getSession: undefined,
  setSession: undefined,
  status: undefined,
  rightsOf: 'query',
} satisfies Record<Exclude<keyof UnauditedGateway, 'drain' | 'close'>, Scope | undefined>;

/** A gateway that refuses clients that were removed, and calls that the caller's token has no scope for. */
export function checkedGateway(gateway: UnauditedGateway, store: Pick<ClientStore, 'findClient'>): UnauditedGateway {
  const checked = Object.entries(SCOPE_OF_CALL).map(([method, scope]) => {
    const call = (gateway[method as keyof UnauditedGateway] as Call).bind(gateway);
    const withCheck: Call = async (caller, ...rest) => {
      if (scope !== undefined) checkScope(caller, scope);
      await permissionsOf(store, caller);
      return await call(caller, ...rest);
    };
    return [method, withCheck] as const;
  });
  const rest = { drain: gateway.drain.bind(gateway), close: gateway.close.bind(gateway) };
  return { ...Object.fromEntries(checked), ...rest } as unknown as UnauditedGateway;
}

/** What the client may do as of now. Throws `NOT_PERMITTED` when it has been removed. */
export async function permissionsOf(store: Pick<ClientStore, 'findClient'>, caller: Caller): Promise<Permissions> {
  const client = await store.findClient(caller.client);
  if (client?.removedAt !== undefined)
    throw new SnowError({
      code: 'NOT_PERMITTED',
      message: `The client "${caller.client}" has been removed.`,
      hint: 'Ask whoever runs the server to add it again.',
    });
  return new Permissions(client ?? { name: caller.client, permissions: {} });
}

/** Throws `NOT_PERMITTED` when the caller came with a token that was not made for this. */
export function checkScope(caller: Caller, scope: Scope): void {
  if (caller.scopes === undefined || caller.scopes.includes(scope)) return;
  throw new SnowError({
    code: 'NOT_PERMITTED',
    message: `The token has no scope "${scope}"; its scopes: ${caller.scopes.join(', ') || 'none'}.`,
    hint: `Ask whoever runs the server for another token: mcp-snow client token NAME --scope ${[...caller.scopes, scope].join(',')}`,
  });
}
