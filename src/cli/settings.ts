import { type ConfiguredProfile, type Connections, readConnections, resolveProfile } from '../config/connections.js';
import { loadSettings as load, type Settings } from '../config/settings.js';
import { localDataDir } from '../local/host/data-dir.js';
import type { GlobalOptions } from './global-options.js';

/** Options of single commands that are settings, too. */
export interface SettingOptions extends GlobalOptions {
  readonly client?: string;
  readonly allow?: readonly string[];
  readonly toolsets?: readonly string[];
}

/** Settings from file, environment and command line, in that order of weight. */
export async function loadSettings(options: SettingOptions): Promise<Settings> {
  return await load({
    config: options.config,
    options: {
      db: options.db,
      connection: options.connection,
      client: options.client,
      allow: options.allow,
      toolsets: options.toolsets,
      log_level: options.logLevel,
    },
  });
}

/** Where the local Snowflake of these settings keeps its data. */
export function localDataOf(settings: Settings): string {
  return settings.local.data ?? localDataDir(settings.db);
}

export interface ConnectionChoice {
  readonly profile: ConfiguredProfile;
  readonly connections: Connections;
}

/** The configured connections, and which of them is used. Throws `NOT_FOUND` for a name that is none. */
export async function chooseConnection(settings: Settings): Promise<ConnectionChoice> {
  const connections = await readConnections();
  return { profile: resolveProfile(connections, settings.connection), connections };
}
