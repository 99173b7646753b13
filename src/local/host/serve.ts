import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { EngineLimits } from '../engine/engine-limits.js';
import { type LocalServer, type ServingOptions, version } from '../serve-engine.js';
import { ACCESS_FILE, accessFrom } from './access-file.js';
import { bootId } from './boot-id.js';
import { resultSpoolDir } from './data-dir.js';
import { idleExitFrom, lifetimesFrom, MANAGED, ORIGINS, originsFrom, stageFoldersFrom } from './environment.js';
import { EXIT_DATA_IN_USE } from './exit-codes.js';
import { HostError } from './host-error.js';
import { HOST_USER, readHostFile, removeHostFile, writeHostFile } from './host-file.js';
import { limitsFrom } from './limits-environment.js';
import { makeDirectory } from './make-directory.js';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly dataDir: string;
  /** The ready line as one JSON object. */
  readonly json?: boolean;
  /** Asked for as the password of `mcp_snow`. Without it, and on a loopback address only, everybody is let in. */
  readonly token?: string;
  /** Environment variables that count before this process's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /** For the ready line; default stdout. */
  readonly print?: (line: string) => void;
}

const LOOK_MS = 2000;

const isLoopback = (host: string) => /^(localhost|127\.[\d.]+|::1)$/.test(host);

/**
 * `local serve`: runs the local Snowflake until it is told to end (SIGTERM, SIGINT), or, where the launcher started it,
 * until nobody has needed it for a while. Gives the exit code. Throws a `HostError` when it cannot start.
 */
export async function runLocalServe(options: ServeOptions): Promise<number> {
  if (process.env.UV_THREADPOOL_SIZE === undefined) return await serveInRoomierProcess();
  // DuckDB makes its files by the umask alone.
  process.umask(0o077);
  const env = { ...process.env, ...options.variables };
  const managed = env[MANAGED] === '1';
  const idleExitMs = managed ? idleExitFrom(env) : 0;
  const access = managed ? undefined : await accessFrom(env);
  if (options.token === undefined && access === undefined && !managed && !isLoopback(options.host))
    throw new HostError(
      `On ${options.host} everyone in reach could log in.`,
      `Listen on 127.0.0.1, say who is let in (${ACCESS_FILE}), or set a password with --token.`,
    );
  const token = options.token ?? randomBytes(24).toString('base64url');
  const open = options.token === undefined && access === undefined && !managed;
  if (open && originsFrom(env).includes('*'))
    throw new HostError(
      'Every page that a browser of this machine shows could read and change the data.',
      `Name the sites (${ORIGINS}) instead of *, say who is let in (${ACCESS_FILE}), or set a password with --token.`,
    );
  // A statement's fault must not take the others with it.
  process.on('unhandledRejection', (error) => logFault(error, managed));
  const server = await startedServer(options, managed, {
    spoolDir: resultSpoolDir(options.dataDir),
    ...lifetimesFrom(env),
    stageFolders: stageFoldersFrom(env),
    limits: limitsFrom(env),
    origins: managed ? [] : originsFrom(env),
    ...(!open && { login: { user: HOST_USER, password: token } }),
    ...(access !== undefined && { access }),
    onFault: (error) => logFault(error, managed),
  });
  if (server === 'data in use') return EXIT_DATA_IN_USE;
  const info = {
    url: server.url,
    token,
    pid: process.pid,
    bootId: bootId(),
    startedAt: Date.now(),
    version: version(),
    managed,
  };
  try {
    writeHostFile(options.dataDir, info);
  } catch (error) {
    await server.close();
    throw cannotOpen(options.dataDir, error);
  }
  const ending = end(server, options.dataDir, idleExitMs, managed);
  const print = options.print ?? ((line: string) => process.stdout.write(`${line}\n`));
  print(options.json ? readyObject(info, options.dataDir, open) : `Local Snowflake ready at ${server.url}`);
  const code = await ending;
  removeHostFile(options.dataDir, process.pid);
  await server.close();
  if (process.connected) process.disconnect();
  return code;
}

function readyObject(info: { url: string; pid: number; version: string }, dataDir: string, open: boolean): string {
  const { url, pid, version } = info;
  return JSON.stringify({ url, pid, version, data: dataDir, login: open ? 'any' : HOST_USER.toLowerCase() });
}

async function startedServer(
  options: ServeOptions,
  managed: boolean,
  more: ServingOptions & { readonly stageFolders: readonly string[]; readonly limits: Partial<EngineLimits> },
): Promise<LocalServer | 'data in use'> {
  const { host, port, dataDir } = options;
  try {
    makeDirectory(dataDir);
    const { startLocalServer } = await import('../server.js');
    return await startLocalServer({ host, port, dataDir, ...more });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (/could not set lock|conflicting lock/i.test(message)) {
      const owner = /PID (\d+)/.exec(message)?.[1];
      const inUse = `The data in ${dataDir} is in use by ${owner ? `process ${owner}` : 'another process'}`;
      if (!managed) throw usedByAnother(inUse, dataDir, owner);
      process.stderr.write(`${inUse}.\n`);
      return 'data in use';
    }
    if (code === 'EADDRINUSE')
      throw new HostError(`Port ${port} on ${host} is in use.`, 'Choose another with --port; 0 takes a free one.');
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      throw new HostError(`There is no address ${host}.`, 'Choose another with --host; 127.0.0.1 is this machine.');
    if ((error as NodeJS.ErrnoException).syscall === 'listen')
      throw new HostError(`Cannot listen on ${host}, port ${port} (${code}).`, 'Choose others with --host and --port.');
    throw cannotOpen(dataDir, error);
  }
}

function usedByAnother(inUse: string, dataDir: string, pid: string | undefined): HostError {
  const info = readHostFile(dataDir);
  return new HostError(
    `${inUse}${info !== undefined && String(info.pid) === pid ? `, a local Snowflake at ${info.url}` : ''}.`,
    `Use that one,${pid === undefined ? '' : ` end it with: kill ${pid},`} or name another folder with --data.`,
  );
}

function cannotOpen(dataDir: string, error: unknown): HostError {
  const message = error instanceof Error ? error.message : String(error);
  return new HostError(
    `The local Snowflake cannot open its data in ${dataDir}: ${message.split('\n', 1)[0]?.replace(/[.!]*$/, '.')}`,
    'Look at the directory (--data), or start with an empty one.',
  );
}

/** Resolves with the exit code when it is time to end. A second signal ends the process at once. */
function end(server: LocalServer, dataDir: string, idleExitMs: number, managed: boolean): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
      asked = true;
      resolve(0);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    // The foreground process that this one works for is gone.
    if (process.connected) process.once('disconnect', () => resolve(0));
    const home = directoryId(dataDir);
    const look = () => {
      if (managed && server.idleMs(idleExitMs) >= idleExitMs) return resolve(0);
      // Whoever looks for this host does so in its directory: without it, it is lost.
      if (directoryId(dataDir) === home) return;
      if (!managed) process.stderr.write(`The data in ${dataDir} has been deleted: the local Snowflake ends.\n`);
      resolve(managed ? 0 : 1);
    };
    setInterval(look, managed ? Math.min(idleExitMs / 4, LOOK_MS) : LOOK_MS).unref();
  });
}

/** Tells a directory from one that was made later at the same place; undefined when there is none. */
function directoryId(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/**
 * Each running statement takes a thread of libuv's pool, whose size is fixed before any of our code runs: with the
 * default of 4, four long statements would stop everybody else's. So the server runs in a child that has more.
 */
async function serveInRoomierProcess(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    // In a group of its own, so that Ctrl-C reaches it once: through here.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '64' },
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', pass);
  process.on('SIGINT', pass);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  process.off('SIGTERM', pass);
  process.off('SIGINT', pass);
  return code ?? (signal === 'SIGINT' ? 130 : 1);
}

function logFault(error: unknown, withStack: boolean): void {
  const text = error instanceof Error ? ((withStack ? error.stack : undefined) ?? error.message) : String(error);
  process.stderr.write(`${new Date().toISOString()} fault: ${text}\n`);
}
