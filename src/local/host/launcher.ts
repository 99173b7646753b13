import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hostLogPath } from './data-dir.js';
import { IDLE_EXIT_MS, idleExitFrom, MANAGED } from './environment.js';
import { EXIT_DATA_IN_USE } from './exit-codes.js';
import { hostState, isProcessAlive } from './health.js';
import { HostError } from './host-error.js';
import { type HostInfo, readHostFile } from './host-file.js';
import { makeDirectory } from './make-directory.js';
import { claimStart } from './start-claim.js';
import { isSuperseded } from './superseded.js';

export interface LauncherOptions {
  /** The directory of the local Snowflake; `localDataDir(storePath)` beside a store. */
  readonly dataDir: string;
  /**
   * Milliseconds after which a process that nobody needs ends; default 10 min, or what
   * MCP_SNOW_LOCAL_IDLE_EXIT_MS says. Counts for one that is started here.
   */
  readonly idleExitMs?: number;
  /** Environment variables for one that is started here; they count before this process's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Milliseconds a start may take; default 60 s. */
  readonly startTimeoutMs?: number;
  /** Milliseconds a process that is there may take to answer; default 10 s. */
  readonly patienceMs?: number;
}

const PROGRAM = fileURLToPath(new URL('../../../bin/mcp-snow.js', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const LOG_BYTES = 1024 * 1024;
const LOOK_MS = 40;
const FIRST_PAUSE_MS = 500;

/**
 * The process that owns the data directory, started when there is none. Any number of processes may call this at once:
 * they meet at one. A dead one is replaced, and so is one of an older version that nobody uses; one that is stopped or
 * does not answer is reported as a `HostError`, for the data is still its own.
 */
export async function ensureLocalHost(options: LauncherOptions): Promise<HostInfo> {
  const dataDir = resolve(options.dataDir);
  try {
    makeDirectory(dataDir);
    return await findOrStart({ ...options, dataDir });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof HostError || code === undefined) throw error;
    throw new HostError(
      `The local Snowflake's directory ${dataDir} cannot be used (${code}).`,
      'Name a database file (--db) in a directory you may write to, on a disk with room.',
    );
  }
}

async function findOrStart(options: LauncherOptions): Promise<HostInfo> {
  const { dataDir, startTimeoutMs = START_TIMEOUT_MS, patienceMs = 10_000 } = options;
  const deadline = Date.now() + startTimeoutMs;
  let owner: string | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let startAgainAt = 0;
  for (;;) {
    const found = await liveHost(dataDir, patienceMs);
    if (found !== undefined && !(await isSuperseded(found))) return found;
    if (Date.now() > deadline) throw notStarted(dataDir, startTimeoutMs, owner);
    const withdraw = Date.now() < startAgainAt ? undefined : claimStart(dataDir);
    if (withdraw === undefined) {
      await delay(LOOK_MS);
      continue;
    }
    try {
      // Whoever has the claim does it; the others find the next one.
      if (found !== undefined && readHostFile(dataDir)?.pid === found.pid) await stopLocalHost(dataDir);
      const started = await start(options, deadline);
      if ('pid' in started) return started;
      // The owner may be about to write its host file, or about to end.
      owner = started.heldBy;
      startAgainAt = Date.now() + pauseMs;
      pauseMs *= 2;
    } finally {
      withdraw();
    }
  }
}

/** Ends the process that owns the data directory, if there is one, and waits until it is gone. */
export async function stopLocalHost(dataDir: string, timeoutMs = 20_000): Promise<void> {
  const info = readHostFile(dataDir);
  if (info === undefined || (await hostState(info, 1000)) === 'dead') return;
  process.kill(info.pid, 'SIGTERM');
  const deadline = Date.now() + timeoutMs;
  while (isProcessAlive(info.pid)) {
    if (Date.now() > deadline)
      throw new HostError(
        `The local Snowflake (process ${info.pid}) does not end.`,
        `End it with: kill -9 ${info.pid}`,
      );
    await delay(LOOK_MS);
  }
}

async function liveHost(dataDir: string, patienceMs: number): Promise<HostInfo | undefined> {
  const info = readHostFile(dataDir);
  if (info === undefined) return undefined;
  const state = await hostState(info, patienceMs);
  if (state === 'alive') return info;
  if (state === 'dead') return undefined;
  const since = new Date(info.startedAt).toISOString();
  const who = `The local Snowflake of ${dataDir} (process ${info.pid}, started ${since})`;
  if (state === 'stopped')
    throw new HostError(
      `${who} is stopped and holds the data.`,
      `Let it go on with: kill -CONT ${info.pid}   or end it with: kill -9 ${info.pid}`,
    );
  throw new HostError(
    `${who} has not answered for ${Math.round(patienceMs / 1000)} s and holds the data.`,
    `Try again later, or end it with: kill -9 ${info.pid}`,
  );
}

/** Starts a process and waits until it answers, or until it says who has the data instead. */
async function start(options: LauncherOptions, deadline: number): Promise<HostInfo | { heldBy: string }> {
  const { dataDir } = options;
  const logFrom = sizeOf(hostLogPath(dataDir));
  const child = launch(options);
  let ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  child.once('exit', (code, signal) => {
    ended = { code, signal };
  });
  child.once('error', () => {
    ended ??= { code: 1, signal: null };
  });
  for (;;) {
    const info = readHostFile(dataDir);
    if (info !== undefined && info.pid === child.pid && (await hostState(info, 1000)) === 'alive') return info;
    if (ended !== undefined) {
      const said = lastWords(hostLogPath(dataDir), logFrom);
      if (ended.code === EXIT_DATA_IN_USE) return { heldBy: said };
      const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`;
      throw new HostError(
        `The local Snowflake did not start (${how}): ${said || 'it said nothing.'}`,
        `Its log: ${hostLogPath(dataDir)}`,
      );
    }
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw notStarted(dataDir, options.startTimeoutMs ?? START_TIMEOUT_MS, undefined);
    }
    await delay(LOOK_MS);
  }
}

function launch({ dataDir, variables, idleExitMs = idleExitFrom({ ...process.env, ...variables }) }: LauncherOptions) {
  const path = hostLogPath(dataDir);
  const log = openSync(path, sizeOf(path) > LOG_BYTES ? 'w' : 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [PROGRAM, 'local', 'serve', '--host', '127.0.0.1', '--port', '0', '--data', dataDir, '--json'],
      {
        detached: true,
        cwd: dataDir,
        stdio: ['ignore', log, log],
        env: {
          ...withoutCredentials(process.env),
          ...variables,
          [MANAGED]: '1',
          [IDLE_EXIT_MS]: String(idleExitMs),
          // Every running statement takes a thread of this pool; files and unpacking need some too.
          UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '64',
        },
      },
    );
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** The account's credentials are no business of the local Snowflake. */
function withoutCredentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SNOWFLAKE_')));
}

function notStarted(dataDir: string, waitedMs: number, owner: string | undefined): HostError {
  const waited = `${Math.round(waitedMs / 1000)} s`;
  if (owner === undefined)
    return new HostError(
      `The local Snowflake of ${dataDir} did not start within ${waited}.`,
      `Its log: ${hostLogPath(dataDir)}`,
    );
  return new HostError(
    `The data in ${dataDir} is held by a process that did not answer as its local Snowflake within ${waited}. ${owner}`,
    'End that process, or use another database file (--db).',
  );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What a process said at last, since `from`; of an error told as JSON, its message. */
function lastWords(path: string, from: number): string {
  const lines = readFileSync(path).subarray(from).toString('utf8').trim().split('\n');
  const last = lines.at(-1) ?? '';
  try {
    return (JSON.parse(last) as { error: { message: string } }).error.message;
  } catch {
    return last.slice(0, 500);
  }
}
