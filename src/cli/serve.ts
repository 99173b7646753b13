import { errorDataOf, SnowError } from '../errors/snow-error.js';
import type { Caller, Gateway } from '../gateway/requests.js';
import { createMcpFactory } from '../mcp/server-factory.js';
import { serveOverStdio } from '../mcp/stdio.js';
import type { Backend } from './backend.js';
import type { GlobalOptions } from './global-options.js';
import { errorLine } from './report-error.js';
import { stopSignal } from './stop-signal.js';
import { version } from './version.js';

export interface ServeOptions extends GlobalOptions {
  readonly stdio?: boolean;
  readonly http?: boolean;
  readonly client?: string;
  readonly allow?: readonly string[];
  readonly workerConcurrency?: number;
  /** False with --no-worker. */
  readonly worker: boolean;
}

/** How long running jobs may take to end when the client has gone or the process was asked to stop (ms). */
const DRAIN_MS = 10_000;

function checkTransport(options: ServeOptions): void {
  if (options.http) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'serve --http is not in this version.',
      hint: 'Use serve --stdio: each client starts a process of its own, and they all meet in one --db file.',
    });
  }
  if (!options.stdio) {
    throw new SnowError({ code: 'INVALID_ARGUMENT', message: 'serve needs a transport.', hint: 'Add --stdio.' });
  }
}

/** Opens what stands behind the tools when the first call comes: tools are listed without any of it. */
class LazyBackend {
  readonly #options: ServeOptions;
  #backend: Promise<Backend> | undefined;

  constructor(options: ServeOptions) {
    this.#options = options;
  }

  async open(label: string): Promise<{ readonly gateway: Gateway; readonly caller: Caller }> {
    this.#backend ??= import('./backend.js').then(({ openBackend }) => openBackend(this.#options));
    // What failed now (a full disk, a folder without permission) may work at the next call.
    this.#backend.catch(() => {
      this.#backend = undefined;
    });
    const backend = await this.#backend;
    const client = backend.settings.client ?? label;
    if (this.#options.worker) {
      const concurrency = this.#options.workerConcurrency ?? backend.settings.worker.concurrency;
      await backend.startWorker({ concurrency, client });
    }
    return { gateway: backend.gateway(), caller: { client } };
  }

  async close(graceMs: number, callers: 'gone' | 'waiting'): Promise<void> {
    const backend = await this.#backend?.catch(() => undefined);
    await backend?.close(graceMs, callers);
  }
}

export async function serve(options: ServeOptions): Promise<void> {
  checkTransport(options);
  const backend = new LazyBackend(options);
  const stopped = stopSignal();
  // A client that reads no more has gone: its jobs are cancelled in order, not by the end of the process.
  process.stdout.removeAllListeners('error');
  const service = serveOverStdio(
    createMcpFactory({
      version: version(),
      open: (label) => backend.open(label),
    }),
    (error) => process.stderr.write(`${errorLine(errorDataOf(error))}\n`),
  );
  if (process.stdin.isTTY) process.stderr.write('Waiting for an MCP client on stdin; ^C ends this.\n');
  try {
    // After the transport listens, so that it does not stand between the client and its list of tools.
    const { chooseConnection, loadSettings } = await import('./settings.js');
    await chooseConnection(await loadSettings(options));
    const callers = await Promise.race([
      service.closed.then(() => 'gone' as const),
      stopped.then(() => 'waiting' as const),
    ]);
    await backend.close(DRAIN_MS, callers);
  } finally {
    await service.close();
  }
  process.exit(0);
}
