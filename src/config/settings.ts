import { dirname, join, resolve } from 'node:path';
import { SnowError } from '../errors/snow-error.js';
import { type LocalSettings, localSettings } from './local-settings.js';
import { nearestName } from './nearest-name.js';
import { configFolder, dataFolder, expandHome, type Surroundings, surroundings } from './paths.js';
import { SETTING_NAMES, type SettingName, settingKey, variableOf } from './settings-keys.js';
import { readToml, type TomlTable } from './toml-file.js';

/** Everything that can be set, in the units of those who use it. */
export interface Settings {
  /** The database file where all processes meet. */
  readonly db: string;
  /** Connection profile; absent means Snowflake's own default, or `local` when nothing is configured. */
  readonly connection?: string;
  /** Whose jobs these are; absent means the name the MCP client gives itself, and the OS user. */
  readonly client?: string;
  /** Classes of statements that may run. */
  readonly allow: readonly ('read' | 'dml' | 'ddl')[];
  /** Tools that a server offers; the core always is. */
  readonly toolsets: readonly ('core' | 'memory' | 'code')[];
  /** `aliases`: with the toolset `memory`, its tools under the names that other memory services have for them, too. */
  readonly memory: { readonly aliases: boolean };
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly queue: {
    readonly maxRunning: number;
    readonly maxQueued: number;
    readonly maxRunningPerClient: number;
    readonly maxQueuedPerClient: number;
    /** How long an attached job waits for a worker, in ms. */
    readonly timeoutMs: number;
  };
  readonly query: {
    /** Seconds a caller waits before it is answered the job id instead. */
    readonly waitS: number;
    /** How long a statement may run, in ms. */
    readonly timeoutMs: number;
  };
  /** `idleMs`: how long a session is kept that nobody uses. */
  readonly sessions: { readonly idleMs: number };
  /** Whose hours and days quotas go by. */
  readonly limits: { readonly timeZone: string };
  readonly results: {
    /** Rows in one answer. */
    readonly maxRows: number;
    /** Rows kept of one result; what exceeds it is told as truncated. */
    readonly storedRows: number;
    /** Bytes of JSON kept of one result, before compression. */
    readonly storedBytes: number;
    readonly ttlMs: number;
  };
  readonly pool: {
    readonly maxConnections: number;
    readonly idleMs: number;
    readonly checkAfterMs: number;
    readonly acquireTimeoutMs: number;
  };
  /** When the breaker of a connection opens, and how it comes back; times in ms, rates and growth as shares. */
  readonly breaker: {
    readonly windowMs: number;
    readonly failureRate: number;
    readonly minimum: number;
    readonly inRow: number;
    readonly openMs: number;
    readonly maxOpenMs: number;
    readonly growth: number;
    readonly probes: number;
    readonly rampMs: number;
  };
  /** When less is admitted; times in ms, the rest as shares. */
  readonly degradation: {
    readonly conserving: { readonly queueAgeMs: number; readonly queueFill: number; readonly failureRate: number };
    readonly critical: { readonly queueAgeMs: number; readonly failureRate: number };
    readonly leaveAt: number;
    readonly riseMs: number;
    readonly dwellMs: number;
    readonly queueShare: number;
  };
  /** `lanes`: which lanes workers serve, and with how many slots (`memory:10`); absent means all of them. */
  readonly worker: { readonly concurrency: number; readonly lanes?: readonly string[] };
  /** How long what runs may take to end after the signal to stop, in ms; absent means 30 s for `worker`, 10 s for `serve`. */
  readonly shutdown: { readonly graceMs?: number };
  /** How long a job is kept after its end. */
  readonly jobs: { readonly keptMs: number };
  /** `text`: the audit keeps the statements' text beside their digest. */
  readonly audit: { readonly text: boolean; readonly keptMs: number };
  readonly local: LocalSettings;
  /** `folders`: what lies in them may be indexed; none, nothing may. Larger files are left out, larger folders refused. */
  readonly repositories: {
    readonly folders: readonly string[];
    readonly maxFileBytes: number;
    readonly maxFiles: number;
    readonly maxBytes: number;
  };
  /** The settings file that was read. */
  readonly file?: string;
}

export interface SettingsSources {
  /** `--config`: it has to exist. */
  readonly config?: string | undefined;
  /** Values of command line options by setting; they win over everything. Undefined ones are not given. */
  readonly options?: { readonly [K in SettingName]?: unknown };
  readonly surroundings?: Surroundings;
}

interface Given {
  readonly value: unknown;
  /** For messages: the file, the variable or the option. */
  readonly from: string;
  /** Relative paths start here. */
  readonly base: string;
}

const FILE_NAME = 'mcp-snow.toml';

/**
 * Settings from `mcp-snow.toml` (`--config` or MCP_SNOW_CONFIG, else ./mcp-snow.toml, else
 * ~/.config/mcp-snow/config.toml), then `MCP_SNOW_*` variables, then command line options; the later wins.
 * Throws `INVALID_ARGUMENT` that names place, key and what is accepted.
 */
export async function loadSettings(sources: SettingsSources = {}): Promise<Settings> {
  const around = sources.surroundings ?? surroundings();
  const file = await settingsFile(sources.config, around);
  const given = new Map<SettingName, Given>([
    ...(file === undefined ? [] : fromFile(file.path, file.table)),
    ...fromVariables(around),
    ...fromOptions(sources.options ?? {}, around),
  ]);
  const read = (name: SettingName): unknown => checked(name, given.get(name), around);
  return settingsFrom(read, around, file?.path);
}

async function settingsFile(
  config: string | undefined,
  around: Surroundings,
): Promise<{ readonly path: string; readonly table: TomlTable } | undefined> {
  const asked = config ?? around.env.MCP_SNOW_CONFIG;
  if (asked !== undefined && asked !== '') {
    const path = resolve(around.cwd, expandHome(asked, around.home));
    const table = await readToml(path);
    if (table !== undefined) return { path, table };
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `There is no settings file ${path}.`,
      hint: `Correct ${config === undefined ? 'MCP_SNOW_CONFIG' : '--config'}, or write the file with: mcp-snow init`,
    });
  }
  for (const path of [join(around.cwd, FILE_NAME), join(configFolder(around), 'config.toml')]) {
    const table = await readToml(path);
    if (table !== undefined) return { path, table };
  }
  return undefined;
}

function fromFile(path: string, table: TomlTable): readonly (readonly [SettingName, Given])[] {
  const flat = Object.entries(table).flatMap(([key, value]) =>
    isTable(value)
      ? Object.entries(value).map(([inner, deep]) => [`${key}.${inner}`, deep] as const)
      : [[key, value] as const],
  );
  return flat.map(([key, value]) => {
    if (!isSetting(key)) throw unknownKey(path, key);
    return [key, { value, from: path, base: dirname(path) }] as const;
  });
}

function fromVariables({ env, cwd }: Surroundings): readonly (readonly [SettingName, Given])[] {
  return SETTING_NAMES.flatMap((name) => {
    const variable = variableOf(name);
    const text = env[variable];
    if (text === undefined || text === '') return [];
    return [[name, { value: settingKey(name).fromText(text), from: variable, base: cwd }] as const];
  });
}

function fromOptions(
  options: NonNullable<SettingsSources['options']>,
  { cwd }: Surroundings,
): readonly (readonly [SettingName, Given])[] {
  return SETTING_NAMES.flatMap((name) => {
    const value = options[name];
    if (value === undefined) return [];
    return [[name, { value, from: `--${name.replace(/[._]/g, '-')}`, base: cwd }] as const];
  });
}

function checked(name: SettingName, given: Given | undefined, around: Surroundings): unknown {
  const key = settingKey(name);
  if (given === undefined) return key.fallback;
  const result = key.schema.safeParse(given.value);
  if (!result.success)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${given.from}: ${name} cannot be ${shown(given.value)}.`,
      hint: `${name} takes ${key.accepts}.`,
    });
  if (key.path !== true) return result.data;
  const absolute = (path: string): string => resolve(given.base, expandHome(path, around.home));
  return Array.isArray(result.data) ? (result.data as string[]).map(absolute) : absolute(result.data as string);
}

/** Values are no secrets here, but they may be long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function settingsFrom(read: (name: SettingName) => unknown, around: Surroundings, file: string | undefined): Settings {
  const number = (name: SettingName): number => read(name) as number;
  const ms = (name: SettingName): number => Math.round(number(name) * 1000);
  const connection = read('connection') as string | undefined;
  const client = read('client') as string | undefined;
  const lanes = read('worker.lanes') as readonly string[] | undefined;
  return {
    db: (read('db') as string | undefined) ?? join(dataFolder(around), 'mcp-snow.db'),
    ...(connection === undefined ? {} : { connection }),
    ...(client === undefined ? {} : { client }),
    allow: [...new Set(read('allow') as Settings['allow'])],
    toolsets: [...new Set(read('toolsets') as Settings['toolsets'])],
    memory: { aliases: read('memory.aliases') as boolean },
    logLevel: read('log_level') as Settings['logLevel'],
    synchronous: (read('synchronous') as string).toUpperCase() as Settings['synchronous'],
    queue: {
      maxRunning: number('queue.max_running'),
      maxQueued: number('queue.max_queued'),
      maxRunningPerClient: number('queue.max_running_per_client'),
      maxQueuedPerClient: number('queue.max_queued_per_client'),
      timeoutMs: ms('queue.timeout_s'),
    },
    query: { waitS: number('query.wait_s'), timeoutMs: ms('query.timeout_s') },
    sessions: { idleMs: ms('sessions.idle_s') },
    limits: { timeZone: read('limits.time_zone') as string },
    results: {
      maxRows: number('results.max_rows'),
      storedRows: number('results.stored_rows'),
      storedBytes: number('results.stored_mb') * 1024 * 1024,
      ttlMs: ms('results.ttl_s'),
    },
    pool: {
      maxConnections: number('pool.max_connections'),
      idleMs: ms('pool.idle_s'),
      checkAfterMs: ms('pool.check_after_s'),
      acquireTimeoutMs: ms('pool.acquire_timeout_s'),
    },
    breaker: {
      windowMs: ms('breaker.window_s'),
      failureRate: number('breaker.failure_rate'),
      minimum: number('breaker.min_attempts'),
      inRow: number('breaker.failures_in_row'),
      openMs: ms('breaker.open_s'),
      maxOpenMs: ms('breaker.max_open_s'),
      growth: number('breaker.growth'),
      probes: number('breaker.probes'),
      rampMs: ms('breaker.ramp_s'),
    },
    degradation: {
      conserving: {
        queueAgeMs: ms('degradation.conserving_wait_s'),
        queueFill: number('degradation.conserving_fill'),
        failureRate: number('degradation.conserving_failure_rate'),
      },
      critical: {
        queueAgeMs: ms('degradation.critical_wait_s'),
        failureRate: number('degradation.critical_failure_rate'),
      },
      leaveAt: number('degradation.leave_at'),
      riseMs: ms('degradation.rise_s'),
      dwellMs: ms('degradation.dwell_s'),
      queueShare: number('degradation.queue_share'),
    },
    worker: { concurrency: number('worker.concurrency'), ...(lanes === undefined ? {} : { lanes }) },
    shutdown: read('shutdown.grace_s') === undefined ? {} : { graceMs: ms('shutdown.grace_s') },
    jobs: { keptMs: ms('jobs.kept_s') },
    audit: { text: read('audit.text') as boolean, keptMs: ms('audit.kept_s') },
    local: localSettings(read),
    repositories: {
      folders: [...new Set(read('repositories.folders') as readonly string[])],
      maxFileBytes: number('repositories.max_file_kb') * 1024,
      maxFiles: number('repositories.max_files'),
      maxBytes: number('repositories.max_mb') * 1024 * 1024,
    },
    ...(file === undefined ? {} : { file }),
  };
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isSetting(key: string): key is SettingName {
  return (SETTING_NAMES as readonly string[]).includes(key);
}

function unknownKey(path: string, key: string): SnowError {
  const [section] = key.split('.');
  const near = SETTING_NAMES.filter((name) => key.includes('.') && name.startsWith(`${section}.`));
  const meant = nearestName(key, SETTING_NAMES);
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${path}: ${key} is no setting.`,
    hint: `${meant === undefined ? '' : `Is ${meant} meant? `}Settings are ${(near.length > 0 ? near : SETTING_NAMES).join(', ')}.`,
  });
}
