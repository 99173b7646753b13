/** Owner of the sessions that all clients with `client-sessions` off share; no client can have this name. */
const ALL_CLIENTS = '';

/** Whose sessions a client's jobs use, by the flags that they were admitted with. */
export function sessionOwner(client: string, flags: Readonly<Record<string, boolean>>): string {
  return flags['client-sessions'] === false ? ALL_CLIENTS : client;
}
