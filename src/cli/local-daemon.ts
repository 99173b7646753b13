import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { SnowError } from '../errors/snow-error.js';
import { isProcessAlive } from '../local/host/health.js';

const LOOK_MS = 50;
/** How long an ending server may take to write what it holds (ms). */
const END_MS = 20_000;

/** What a process started in the background has said when it was ready. */
export interface Daemon {
  readonly pid: number;
  /** Its ready line. */
  readonly ready: string;
}

export interface DaemonFiles {
  /** Takes what the process has to say, at its end. */
  readonly log: string;
  /** Written with the process's number (0600) once it is ready; one whose process lives is not overwritten. */
  readonly pid?: string | undefined;
}

/**
 * Starts this program once more with the given arguments, in the background and free of the terminal, and waits for its ready
 * line. Throws what the process said when it ended instead.
 */
export async function startDaemon(args: readonly string[], files: DaemonFiles): Promise<Daemon> {
  const pidFile = files.pid;
  const running = pidFile === undefined ? undefined : runningPid(pidFile);
  if (running !== undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The process ${running} of ${pidFile} is already running.`,
      hint: `End it with: mcp-snow local stop --pid-file ${pidFile}`,
    });
  const log = openSync(files.log, 'a', 0o600);
  const logFrom = statSync(files.log).size;
  const child = spawn(process.execPath, [process.argv[1] as string, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const { stdout } = child;
  if (stdout === null) throw new TypeError('a pipe was asked for');
  const lines = createInterface({ input: stdout });
  const ready = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    once(child, 'exit').then(() => undefined),
  ]);
  if (ready === undefined) {
    const said = readFileSync(files.log)
      .subarray(logFrom)
      .toString()
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^mcp-snow: /, '');
    throw new SnowError({
      code: 'CONNECTION_FAILED',
      message: `The server did not start. ${said ?? ''}`.trim(),
      hint: 'Start it without --daemon to see more.',
    });
  }
  const pid = child.pid as number;
  if (pidFile !== undefined) writePid(pidFile, pid);
  lines.close();
  stdout.destroy();
  child.unref();
  return { pid, ready };
}

/** Ends the process of a pid file and waits until it is gone. Throws `NOT_FOUND` when there is none. */
export async function stopDaemon(pidFile: string): Promise<number> {
  const pid = runningPid(pidFile);
  if (pid === undefined)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `No running process is named in ${pidFile}.`,
      hint: 'Give the --pid-file that the server was started with.',
    });
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + END_MS;
  while (isProcessAlive(pid)) {
    if (Date.now() > deadline)
      throw new SnowError({
        code: 'CONNECTION_FAILED',
        message: `Process ${pid} does not end.`,
        hint: `End it with: kill -9 ${pid}`,
      });
    await delay(LOOK_MS);
  }
  rmSync(pidFile, { force: true });
  return pid;
}

/** The process of a pid file, if it lives and was there when the file was written: numbers are given again. */
function runningPid(pidFile: string): number | undefined {
  let file: number;
  try {
    file = openSync(pidFile, 'r');
  } catch {
    return undefined;
  }
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    if (!Number.isSafeInteger(pid) || pid < 2 || !isProcessAlive(pid)) return undefined;
    return startedBefore(pid, fstatSync(file).mtimeMs) ? pid : undefined;
  } finally {
    closeSync(file);
  }
}

function writePid(path: string, pid: number): void {
  try {
    writeFileSync(path, `${pid}\n`, { mode: 0o600 });
  } catch (failure) {
    process.kill(pid, 'SIGTERM');
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The pid file ${path} cannot be written (${(failure as NodeJS.ErrnoException).code}).`,
      hint: 'Name a file in a folder you may write to.',
    });
  }
}

/** Where the system does not tell when a process began, its number alone must do. */
function startedBefore(pid: number, timeMs: number): boolean {
  try {
    const ticks = Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[19],
    );
    const bootS = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    // A hundredth of a second a tick on every Linux; the start of the system is known to the second.
    return (bootS + ticks / 100 - 2) * 1000 < timeMs;
  } catch {
    return true;
  }
}
