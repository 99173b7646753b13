import { errorDataOf } from '../errors/snow-error.js';
import type { Caller, Gateway } from '../gateway/requests.js';
import { createMcpFactory } from '../mcp/server-factory.js';
import { serveOverStdio } from '../mcp/stdio.js';
import { offerOf } from '../mcp/toolsets.js';
import type { Backend } from './backend.js';
import { errorLine } from './report-error.js';
import { DRAIN_MS, type ServeOptions } from './serve-options.js';
import { stopSignal } from './stop-signal.js';
import { version } from './version.js';

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
      const { workerConcurrency, workerLanes } = this.#options;
      const pools = backend.pools({ concurrency: workerConcurrency, lanes: workerLanes });
      await backend.startWorker({ pools, client });
    }
    return { gateway: backend.gateway(), caller: { client } };
  }

  async close(callers: 'gone' | 'waiting'): Promise<void> {
    const backend = await this.#backend?.catch(() => undefined);
    const graceMs = backend?.settings.shutdown.graceMs ?? DRAIN_MS;
    if (callers === 'waiting') {
      await backend?.endCalls(graceMs);
      // The last answers are written within this turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await backend?.close(graceMs);
  }
}

export async function serveStdio(options: ServeOptions): Promise<void> {
  const backend = new LazyBackend(options);
  const stopped = stopSignal();
  // A client that reads no more has gone: its jobs are cancelled in order, not by the end of the process.
  process.stdout.removeAllListeners('error');
  const { chooseConnection, loadSettings } = await import('./settings.js');
  const settings = await loadSettings(options);
  const service = serveOverStdio(
    createMcpFactory({
      version: version(),
      offer: await offerOf(settings.toolsets, { memoryAliases: settings.memory.aliases }),
      open: (label) => backend.open(label),
    }),
    (error) => process.stderr.write(`${errorLine(errorDataOf(error))}\n`),
  );
  if (process.stdin.isTTY) process.stderr.write('Waiting for an MCP client on stdin; ^C ends this.\n');
  try {
    // After the transport listens, so that it does not stand between the client and its list of tools.
    await chooseConnection(settings);
    const callers = await Promise.race([
      service.closed.then(() => 'gone' as const),
      stopped.then(() => 'waiting' as const),
    ]);
    await backend.close(callers);
  } finally {
    await service.close();
  }
  process.exit(0);
}
