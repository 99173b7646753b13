import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChalkInstance } from 'chalk';
import type { Connections } from '../config/connections.js';
import type { Settings } from '../config/settings.js';
import { type ErrorData, errorDataOf } from '../errors/snow-error.js';
import { EXIT } from './exit-code.js';
import type { GlobalOptions } from './global-options.js';
import { localHostState } from './local-host-state.js';
import { openStoreOf } from './open-store.js';
import { profileResolver } from './profiles.js';
import { chooseConnection, loadSettings, localDataOf } from './settings.js';
import { terminal } from './terminal.js';

/** One thing that was looked at. */
interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'wrong';
  /** What was found. */
  readonly found: string;
  /** What to do about it. */
  readonly hint?: string;
}

const OLDEST_NODE = [20, 19] as const;
const LOGIN_TIMEOUT_MS = 30_000;

function wrong(check: string, error: ErrorData): Finding {
  return { check, state: 'wrong', found: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
}

async function examined(check: string, look: () => Promise<string | Finding>): Promise<Finding> {
  try {
    const found = await look();
    return typeof found === 'string' ? { check, state: 'ok', found } : found;
  } catch (thrown) {
    return wrong(check, errorDataOf(thrown));
  }
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const found = `Node ${process.versions.node} on ${process.platform}`;
  if (recent) return { check: 'node', state: 'ok', found };
  return { check: 'node', state: 'wrong', found, hint: `Install Node ${OLDEST_NODE.join('.')} or newer.` };
}

/** A folder that is not there yet is judged by the one it would be made in. */
function writableFolder(path: string): string {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  accessSync(folder, constants.W_OK);
  return folder;
}

async function database(settings: Settings): Promise<string | Finding> {
  const existed = existsSync(settings.db);
  if (!existed) {
    const folder = writableFolder(settings.db);
    return `${settings.db} will be made on first use; ${folder} can be written to`;
  }
  const store = await openStoreOf(settings);
  try {
    const { total_queued: queued, total_active: active } = await store.stats();
    const mode = statSync(settings.db).mode & 0o777;
    const found = `${settings.db}: ${queued} queued, ${active} running`;
    if ((mode & 0o077) === 0) return found;
    return {
      check: 'database',
      state: 'warning',
      found: `${found}; others can read it`,
      hint: `It holds statements and results: chmod 600 ${settings.db}`,
    };
  } finally {
    await store.close();
  }
}

async function workers(settings: Settings): Promise<string | Finding> {
  if (!existsSync(settings.db)) return 'none yet';
  const store = await openStoreOf(settings);
  try {
    const [all, stats] = await Promise.all([store.listWorkers(), store.stats()]);
    const alive = all.filter((worker) => worker.state !== 'lost');
    if (alive.length > 0 || stats.total_queued === 0) return `${alive.length} at work`;
    return {
      check: 'workers',
      state: 'wrong',
      found: `${stats.total_queued} jobs wait and no worker is there`,
      hint: 'Start one with: mcp-snow worker',
    };
  } finally {
    await store.close();
  }
}

async function localSnowflake(settings: Settings): Promise<string | Finding> {
  const host = await localHostState(localDataOf(settings));
  if (host === undefined) return 'not running; it is started when it is needed';
  if (host.state === 'alive') return `alive at ${host.url} (pid ${host.pid})`;
  if (host.state === 'dead') return 'ended without notice; the next one that needs it starts it again';
  return {
    check: 'local Snowflake',
    state: 'wrong',
    found: `process ${host.pid} is ${host.state} and holds the data`,
    hint: `Let it go on with kill -CONT ${host.pid}, or end it with kill -9 ${host.pid}.`,
  };
}

async function login(connections: Connections, name: string, settings: Settings): Promise<string> {
  const profile = await profileResolver(connections, localDataOf(settings))(name);
  const { openConnection } = await import('../warehouse/snowflake/connection.js');
  const connection = await openConnection(profile);
  try {
    await connection.ping(LOGIN_TIMEOUT_MS);
  } finally {
    await connection.close();
  }
  return `${name}: logged in`;
}

async function examineAll(options: GlobalOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [node()];
  let settings: Settings;
  try {
    settings = await loadSettings(options);
  } catch (thrown) {
    return [...findings, wrong('settings', errorDataOf(thrown))];
  }
  findings.push({ check: 'settings', state: 'ok', found: settings.file ?? 'no file; defaults and environment' });
  findings.push(await examined('database', () => database(settings)));
  findings.push(await examined('workers', () => workers(settings)));
  findings.push(await examined('local Snowflake', () => localSnowflake(settings)));
  try {
    const { profile, connections } = await chooseConnection(settings);
    for (const warning of connections.warnings)
      findings.push({ check: 'connections', state: 'warning', found: warning });
    findings.push(await examined('connection', () => login(connections, profile.name, settings)));
  } catch (thrown) {
    findings.push(wrong('connection', errorDataOf(thrown)));
  }
  return findings;
}

function text(findings: readonly Finding[], paint: ChalkInstance): string {
  const marks = { ok: paint.green('ok     '), warning: paint.yellow('warning'), wrong: paint.red('wrong  ') };
  return findings
    .map(({ check, state, found, hint }) => {
      const line = `${marks[state]}  ${check.padEnd(16)} ${found}`;
      return hint === undefined ? line : `${line}\n${' '.repeat(26)}${paint.bold(hint)}`;
    })
    .join('\n');
}

/** Looks at everything a statement needs on its way, logs in once, and exits with 1 when something is wrong. */
export async function doctor(options: GlobalOptions): Promise<void> {
  const findings = await examineAll(options);
  const healthy = findings.every((finding) => finding.state !== 'wrong');
  await terminal({ json: options.json ?? false, color: options.color }).result({ healthy, findings }, (paint) =>
    text(findings, paint),
  );
  process.exitCode = healthy ? EXIT.done : EXIT.failed;
}
