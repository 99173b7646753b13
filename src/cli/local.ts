import { join, resolve } from 'node:path';
import type { LocalSettings } from '../config/local-settings.js';
import { SnowError } from '../errors/snow-error.js';
import { hostLogPath } from '../local/host/data-dir.js';
import { MANAGED } from '../local/host/environment.js';
import { makeDirectory } from '../local/host/make-directory.js';
import { runLocalServe } from '../local/host/serve.js';
import type { GlobalOptions } from './global-options.js';
import { hostFailure } from './host-failure.js';
import { startDaemon, stopDaemon } from './local-daemon.js';
import { terminal } from './terminal.js';

export interface LocalServeOptions extends GlobalOptions {
  readonly host?: string;
  readonly port?: number;
  readonly data?: string;
  readonly token?: string;
  /** In the background; ends with `local stop`, or by its process number. */
  readonly daemon?: boolean;
  readonly pidFile?: string;
}

export interface LocalStopOptions extends GlobalOptions {
  readonly data?: string;
  readonly pidFile?: string;
}

/** Without --data it serves what `serve` and `worker` use: the directory beside the database file. */
async function dataDir(options: LocalStopOptions): Promise<string> {
  if (options.data !== undefined) return resolve(options.data);
  const { loadSettings, localDataOf } = await import('./settings.js');
  return localDataOf(await loadSettings(options));
}

/** The settings of the process that serves. Who started one for `serve` or `worker` has read the file for it. */
async function servingSettings(options: LocalServeOptions): Promise<LocalSettings> {
  if (process.env[MANAGED] === '1') return { variables: {} };
  const { loadSettings } = await import('./settings.js');
  return (await loadSettings(options)).local;
}

export async function localServe(options: LocalServeOptions): Promise<void> {
  if (options.daemon) return await serveInBackground(options);
  if (options.pidFile !== undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'A pid file is for a server in the background.',
      hint: 'Add --daemon.',
    });
  const settings = await servingSettings(options);
  process.exitCode = await runLocalServe({
    host: options.host ?? settings.host ?? '127.0.0.1',
    port: options.port ?? settings.port ?? 0,
    dataDir: await dataDir(options),
    variables: settings.variables,
    json: options.json ?? false,
    ...(options.token !== undefined && { token: options.token }),
  }).catch((thrown: unknown) => {
    throw hostFailure(thrown);
  });
}

/** The same command without `--daemon`, in a process of its own; gives its ready line. */
async function serveInBackground(options: LocalServeOptions): Promise<void> {
  const data = await dataDir(options);
  prepare(data);
  const words = process.argv.slice(2).filter((word) => word !== '--daemon');
  const args = withoutOption(words, '--pid-file');
  const { ready } = await startDaemon(args, { log: hostLogPath(data), pid: pidFileOf(options, data) });
  process.stdout.write(`${ready}\n`);
}

function prepare(data: string): void {
  try {
    makeDirectory(data);
  } catch (failure) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The folder ${data} cannot be made (${(failure as NodeJS.ErrnoException).code}).`,
      hint: 'Name another with --data.',
    });
  }
}

export async function localStop(options: LocalStopOptions): Promise<void> {
  const pid = await stopDaemon(pidFileOf(options, await dataDir(options)));
  await terminal({ json: options.json ?? false, color: options.color }).result(
    { stopped: pid },
    () => `Process ${pid} has ended.`,
  );
}

function pidFileOf(options: LocalStopOptions, data: string): string {
  return options.pidFile === undefined ? join(data, 'local-serve.pid') : resolve(options.pidFile);
}

function withoutOption(words: readonly string[], name: string): readonly string[] {
  return words.filter((word, at) => word !== name && words[at - 1] !== name && !word.startsWith(`${name}=`));
}
