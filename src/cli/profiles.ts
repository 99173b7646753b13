import { type Connections, LOCAL_PROFILE, resolveProfile } from '../config/connections.js';
import { HOST_USER } from '../local/host/host-file.js';
import { ensureLocalHost } from '../local/host/launcher.js';
import type { ConnectionProfile, ProfileResolver } from '../warehouse/profile.js';
import { hostFailure } from './host-failure.js';

type Variables = Readonly<Record<string, string>>;

/** The built-in Snowflake with its data in `dataDir`, found or started. */
async function localProfile(dataDir: string, variables: Variables): Promise<ConnectionProfile> {
  const host = await ensureLocalHost({ dataDir, variables }).catch((thrown: unknown) => {
    throw hostFailure(thrown);
  });
  return {
    name: LOCAL_PROFILE,
    local: true,
    options: { accessUrl: host.url, account: LOCAL_PROFILE, username: HOST_USER, password: host.token },
  };
}

/** Where the pools get a profile from, each time they open a connection; `variables` are for a local Snowflake that is started then. */
export function profileResolver(connections: Connections, dataDir: string, variables: Variables = {}): ProfileResolver {
  return async (name) => {
    const profile = resolveProfile(connections, name);
    return profile.local ? await localProfile(dataDir, variables) : profile;
  };
}
