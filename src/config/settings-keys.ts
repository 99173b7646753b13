import { delimiter } from 'node:path';
import { z } from 'zod';
import { isTimeZone } from './time-zone.js';
import { areLaneSlots, LANE_SLOTS_ACCEPTED } from './worker-lanes.js';

/** One setting: its key in `mcp-snow.toml` (`queue.max_running`), what it takes, and the value without it. */
export interface SettingKey {
  readonly schema: z.ZodType;
  /** What is accepted, for messages. */
  readonly accepts: string;
  /** Text of an environment variable as the value to check. */
  readonly fromText: (text: string) => unknown;
  readonly fallback?: unknown;
  /** The value is a path, or a list of them: `~` and relative paths are resolved. */
  readonly path?: true;
}

const asIs = (text: string): unknown => text;
const asNumber = (text: string): unknown => (text.trim() === '' ? text : Number(text));
const asList = (text: string): unknown =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function whole(least: number, most: number, fallback?: number): SettingKey {
  return {
    schema: z.int().min(least).max(most),
    accepts: `a whole number from ${least} to ${most}`,
    fromText: asNumber,
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function seconds(least: number, most: number, fallback?: number): SettingKey {
  return {
    schema: z.number().min(least).max(most),
    accepts: `seconds from ${least} to ${most}`,
    fromText: asNumber,
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function share(least: number, most: number, fallback: number): SettingKey {
  return {
    schema: z.number().min(least).max(most),
    accepts: `a number from ${least} to ${most}`,
    fromText: asNumber,
    fallback,
  };
}

function oneOf(values: readonly [string, ...string[]], fallback?: string): SettingKey {
  return {
    schema: z.enum(values),
    accepts: `one of ${values.join(', ')}`,
    fromText: asIs,
    ...(fallback === undefined ? {} : { fallback }),
  };
}

const name: SettingKey = {
  schema: z.string().trim().min(1).max(200),
  accepts: 'a text of 1 to 200 characters',
  fromText: asIs,
};

const yesOrNo: SettingKey = {
  schema: z.boolean(),
  accepts: 'true or false',
  fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  fallback: false,
};

const path: SettingKey = { schema: z.string().min(1), accepts: 'a path', fromText: asIs, path: true };

/** Every setting there is. An environment variable's name is `MCP_SNOW_` and the key: `MCP_SNOW_QUEUE_MAX_RUNNING`. */
const SETTING_KEYS = {
  db: path,
  connection: name,
  client: name,
  allow: {
    schema: z.array(z.enum(['read', 'dml', 'ddl'])).min(1),
    accepts: 'a list of read, dml, ddl',
    fromText: asList,
    fallback: ['read'],
  },
  toolsets: {
    schema: z.array(z.enum(['core', 'memory', 'code'])).min(1),
    accepts: 'a list of core, memory, code',
    fromText: asList,
    fallback: ['core'],
  },
  'memory.aliases': yesOrNo,
  log_level: oneOf(['silent', 'error', 'warn', 'info', 'debug'], 'warn'),
  synchronous: oneOf(['full', 'normal'], 'full'),
  'queue.max_running': whole(1, 1000, 20),
  'queue.max_queued': whole(1, 1_000_000, 100),
  'queue.max_running_per_client': whole(1, 1000, 10),
  'queue.max_queued_per_client': whole(1, 1_000_000, 100),
  'queue.timeout_s': seconds(1, 86_400, 300),
  'query.wait_s': seconds(0, 55, 45),
  'query.timeout_s': seconds(1, 172_800, 300),
  'sessions.idle_s': seconds(300, 31_536_000, 2_592_000),
  'limits.time_zone': {
    schema: z.string().refine(isTimeZone),
    accepts: 'a time zone such as UTC or Europe/Berlin',
    fromText: asIs,
    fallback: 'UTC',
  },
  'results.max_rows': whole(1, 100_000, 1000),
  'results.stored_rows': whole(1, 10_000_000, 100_000),
  'results.stored_mb': whole(1, 4096, 64),
  'results.ttl_s': seconds(60, 31_536_000, 86_400),
  'pool.max_connections': whole(1, 200, 10),
  'pool.idle_s': seconds(1, 86_400, 300),
  'pool.check_after_s': seconds(0, 86_400, 30),
  'pool.acquire_timeout_s': seconds(0.1, 3600, 30),
  'breaker.window_s': seconds(1, 3600, 30),
  'breaker.failure_rate': share(0.01, 1, 0.5),
  'breaker.min_attempts': whole(1, 100_000, 10),
  'breaker.failures_in_row': whole(1, 100_000, 10),
  'breaker.open_s': seconds(0.1, 3600, 0.5),
  'breaker.max_open_s': seconds(0.1, 3600, 30),
  'breaker.growth': share(0, 1, 0.03),
  'breaker.probes': whole(1, 100, 2),
  'breaker.ramp_s': seconds(0, 600, 1),
  'degradation.conserving_wait_s': seconds(0.1, 3600, 10),
  'degradation.conserving_fill': share(0.01, 1, 0.9),
  'degradation.conserving_failure_rate': share(0.01, 1, 0.25),
  'degradation.critical_wait_s': seconds(0.1, 3600, 30),
  'degradation.critical_failure_rate': share(0.01, 1, 0.4),
  'degradation.leave_at': share(0.01, 1, 0.5),
  'degradation.rise_s': seconds(0, 600, 2),
  'degradation.dwell_s': seconds(0, 3600, 5),
  'degradation.queue_share': share(0.01, 1, 0.5),
  'worker.concurrency': whole(1, 100, 4),
  'worker.lanes': {
    schema: z.array(z.string()).min(1).refine(areLaneSlots),
    accepts: `a list of ${LANE_SLOTS_ACCEPTED}, no lane twice`,
    fromText: asList,
  },
  'shutdown.grace_s': seconds(0, 3600),
  'jobs.kept_s': seconds(3_600, 31_536_000, 604_800),
  'audit.kept_s': seconds(3_600, 315_360_000, 2_592_000),
  'audit.text': yesOrNo,
  'local.data': path,
  'local.host': name,
  'local.port': whole(0, 65_535),
  'local.access': path,
  'local.origins': {
    schema: z.array(z.string().refine(isOrigin)).max(100),
    accepts: 'a list of origins such as https://app.example.com, or *',
    fromText: asList,
  },
  'local.stage_folders': {
    schema: z.array(z.string().min(1)).max(100),
    accepts: 'a list of folders',
    fromText: (text) => text.split(delimiter).filter((folder) => folder !== ''),
    path: true,
  },
  'local.idle_exit_ms': whole(1, 2_147_483_647),
  'local.session_token_s': seconds(0.001, 31_536_000),
  'local.master_token_s': seconds(0.001, 31_536_000),
  'local.detached_s': seconds(0.001, 31_536_000),
  'local.sessions': whole(1, 10_000),
  'local.statements': whole(1, 100_000),
  'local.statement_s': whole(1, 604_800),
  'local.most_statement_s': whole(1, 604_800),
  'local.memory_mib': whole(16, 16_777_216),
  'local.temporary_disk_mib': whole(1, 1_073_741_824),
  'local.result_disk_mib': whole(1, 1_073_741_824),
  'local.reused_result_mib': whole(1, 1_048_576),
  'local.history_rows': whole(1, 1_000_000),
  'local.history_days': whole(1, 3_650),
  'repositories.folders': {
    schema: z.array(z.string().min(1)).max(1_000),
    accepts: 'a list of folders',
    fromText: asList,
    fallback: [],
    path: true,
  },
  'repositories.max_file_kb': whole(1, 65_536, 1024),
  'repositories.max_files': whole(1, 1_000_000, 100_000),
  'repositories.max_mb': whole(1, 100_000, 2_048),
} as const satisfies Record<string, SettingKey>;

/** `https://host[:port]` without a path, or `*`. */
function isOrigin(text: string): boolean {
  return text === '*' || (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text);
}

export type SettingName = keyof typeof SETTING_KEYS;

export const SETTING_NAMES = Object.keys(SETTING_KEYS) as readonly SettingName[];

export function settingKey(name: SettingName): SettingKey {
  return SETTING_KEYS[name];
}

export function variableOf(name: SettingName): string {
  return `MCP_SNOW_${name.replace('.', '_').toUpperCase()}`;
}
