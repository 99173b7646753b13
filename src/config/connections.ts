import { statSync } from 'node:fs';
import { join } from 'node:path';
import { SnowError } from '../errors/snow-error.js';
import { driverOptions } from './connection-options.js';
import { expandHome, type Surroundings, surroundings } from './paths.js';
import { isReadableByOthers, readToml, type TomlTable } from './toml-file.js';

/** The built-in Snowflake's name; no configured connection can have it. */
export const LOCAL_PROFILE = 'local';

/** A connection as configured. `options` are snowflake-sdk's own names and hold credentials: never logged, stored or shown. */
export interface ConfiguredProfile {
  readonly name: string;
  readonly local: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  /** The file or the variables that it comes from. */
  readonly source: string;
}

export interface Connections {
  readonly profiles: ReadonlyMap<string, ConfiguredProfile>;
  /** The profile taken when none is named. */
  readonly defaultName: string;
  /** What a person should put right, one sentence each. */
  readonly warnings: readonly string[];
}

const NAMED_VARIABLE = /^SNOWFLAKE_CONNECTIONS_(.+)$/;

/** Variables that fill what a connection leaves out, and make one by themselves when they name an account. */
const GENERIC_KEYS = [
  'account',
  'user',
  'password',
  'authenticator',
  'host',
  'port',
  'protocol',
  'region',
  'role',
  'warehouse',
  'database',
  'schema',
  'private_key_file',
  'private_key_path',
  'private_key_raw',
  'private_key_file_pwd',
  'token',
  'token_file_path',
] as const;

const PLACE_KEYS: ReadonlySet<string> = new Set(['account', 'host', 'port', 'protocol', 'region']);

/**
 * Snowflake's own configuration as the `snow` CLI reads it. Folder: SNOWFLAKE_HOME, else ~/.snowflake if it is there,
 * else the platform's configuration folder. `connections.toml` (`[NAME]`) replaces the `[connections.NAME]` tables of
 * `config.toml`. SNOWFLAKE_CONNECTIONS_<NAME>_<KEY> wins over the files, SNOWFLAKE_<KEY> fills what is missing.
 */
export async function readConnections(around: Surroundings = surroundings()): Promise<Connections> {
  const folder = snowflakeFolder(around);
  const configPath = join(folder, 'config.toml');
  const connectionsPath = join(folder, 'connections.toml');
  const config = await readToml(configPath);
  const separate = await readToml(connectionsPath);
  const warnings: string[] = [];

  const tables = new Map<string, { readonly keys: TomlTable; readonly source: string }>();
  const from = separate === undefined ? configPath : connectionsPath;
  for (const [name, keys] of Object.entries(separate ?? tableOf(config?.connections)))
    if (isTable(keys)) tables.set(name, { keys, source: from });
  for (const [name, keys] of namedVariables(around.env, [...tables.keys()])) {
    const known = tables.get(name);
    tables.set(name, {
      keys: { ...known?.keys, ...keys },
      source: known?.source ?? 'SNOWFLAKE_CONNECTIONS_* variables',
    });
  }

  const generic = genericVariables(around.env);
  if (tables.size === 0 && generic.account !== undefined)
    tables.set('default', { keys: generic, source: 'SNOWFLAKE_* variables' });
  for (const path of [configPath, connectionsPath])
    if ((path === configPath ? config : separate) !== undefined && isReadableByOthers(path, around.platform))
      warnings.push(`${path} can be read by others than you; run: chmod 600 "${path}"`);
  if (tables.delete(LOCAL_PROFILE))
    warnings.push(
      `The connection named "${LOCAL_PROFILE}" is ignored: the name stands for the built-in Snowflake; rename it.`,
    );

  const profiles = new Map<string, ConfiguredProfile>([
    [LOCAL_PROFILE, { name: LOCAL_PROFILE, local: true, options: {}, source: 'built in' }],
  ]);
  for (const [name, { keys, source }] of tables)
    profiles.set(name, {
      name,
      local: false,
      options: driverOptions({ ...filling(generic, keys), ...keys }, around.home),
      source,
    });
  return { profiles, defaultName: defaultName(around.env, config, profiles), warnings };
}

/** Throws `NOT_FOUND` that lists the known names. Without a name the default is taken. */
export function resolveProfile(connections: Connections, name?: string): ConfiguredProfile {
  const asked = name ?? connections.defaultName;
  const profile = connections.profiles.get(asked);
  if (profile !== undefined) return profile;
  throw new SnowError({
    code: 'NOT_FOUND',
    message: `There is no connection named "${asked}".`,
    hint: `Known connections: ${[...connections.profiles.keys()].join(', ')}. Add one to connections.toml, or name another with --connection.`,
  });
}

function defaultName(
  env: NodeJS.ProcessEnv,
  config: TomlTable | undefined,
  profiles: ReadonlyMap<string, ConfiguredProfile>,
): string {
  const configured = config?.default_connection_name;
  const chosen = env.SNOWFLAKE_DEFAULT_CONNECTION_NAME || (typeof configured === 'string' ? configured : undefined);
  if (chosen !== undefined) return chosen;
  if (profiles.has('default')) return 'default';
  const [only, ...others] = [...profiles.keys()].filter((name) => name !== LOCAL_PROFILE);
  return only !== undefined && others.length === 0 ? only : LOCAL_PROFILE;
}

function snowflakeFolder({ env, home, platform }: Surroundings): string {
  if (env.SNOWFLAKE_HOME) return expandHome(env.SNOWFLAKE_HOME, home);
  const own = join(home, '.snowflake');
  if (statSync(own, { throwIfNoEntry: false })?.isDirectory()) return own;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'snowflake');
  if (platform === 'win32') return join(home, 'AppData', 'Local', 'snowflake');
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'snowflake');
}

/** `SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>`: names of known connections first, for both parts may hold underscores. */
function namedVariables(env: NodeJS.ProcessEnv, known: readonly string[]): ReadonlyMap<string, TomlTable> {
  const found = new Map<string, Record<string, string>>();
  for (const [variable, value] of Object.entries(env)) {
    const rest = NAMED_VARIABLE.exec(variable)?.[1];
    if (rest === undefined || value === undefined || value === '') continue;
    const { name, key } = splitVariable(rest, known);
    if (name === undefined || key === undefined) continue;
    found.set(name, { ...found.get(name), [key]: value });
  }
  return found;
}

function splitVariable(rest: string, known: readonly string[]): { readonly name?: string; readonly key?: string } {
  const prefix = known
    .filter((name) => rest.toUpperCase().startsWith(`${name.toUpperCase()}_`))
    .sort((one, other) => other.length - one.length)[0];
  if (prefix !== undefined) return { name: prefix, key: rest.slice(prefix.length + 1).toLowerCase() };
  const key = [...GENERIC_KEYS]
    .sort((one, other) => other.length - one.length)
    .find((name) => rest.toLowerCase().endsWith(`_${name}`));
  return key === undefined ? {} : { name: rest.slice(0, -key.length - 1).toLowerCase(), key };
}

function genericVariables(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const entries = GENERIC_KEYS.map((key) => [key, env[`SNOWFLAKE_${key.toUpperCase()}`]] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is [(typeof GENERIC_KEYS)[number], string] => Boolean(entry[1])),
  );
}

/** Where a connection goes is taken from one place only: credentials of one account must not reach another's host. */
function filling(generic: Readonly<Record<string, string>>, keys: TomlTable): Readonly<Record<string, string>> {
  if (keys.account === undefined && keys.host === undefined) return generic;
  return Object.fromEntries(Object.entries(generic).filter(([key]) => !PLACE_KEYS.has(key)));
}

function tableOf(value: unknown): TomlTable {
  return isTable(value) ? value : {};
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
