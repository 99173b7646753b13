import { errorDataOf, SnowError } from '../errors/snow-error.js';
import { RefusedRequests } from '../gateway/refused-requests.js';
import { HttpService } from '../http/http-service.js';
import { isLoopback } from '../http/own-names.js';
import { storeTokens } from '../http/token-gate.js';
import { createMcpFactory } from '../mcp/server-factory.js';
import { type Offer, offerOf } from '../mcp/toolsets.js';
import type { Scope } from '../store/client-store.js';
import { type Backend, openBackend } from './backend.js';
import { DRAIN_MS, type ServeOptions } from './serve-options.js';
import { signalOrFailure, stopSignal } from './stop-signal.js';
import { version } from './version.js';

const HOST = '127.0.0.1';
const PORT = 8420;

/** One process for many clients. Its worker takes the jobs of all of them. */
export async function serveHttp(options: ServeOptions): Promise<void> {
  const stopped = stopSignal();
  const backend = await openBackend(options);
  try {
    const host = options.host ?? HOST;
    if (!isLoopback(host)) await refuseOpenDoor(backend, host, options);
    const refused = new RefusedRequests(backend.store, (failure) =>
      backend.log.warn({ error: errorDataOf(failure) }, 'an audit entry could not be written'),
    );
    const { toolsets, memory } = backend.settings;
    const offer = await offerOf(toolsets, { memoryAliases: memory.aliases });
    const service = serviceOf(backend, host, options, refused, offer);
    const url = await service.listen();
    try {
      if (options.worker) {
        const { workerConcurrency, workerLanes } = options;
        await backend.startWorker({
          pools: backend.pools({ concurrency: workerConcurrency, lanes: workerLanes }),
        });
      }
      tellReady(url, backend, options);
      const graceMs = backend.settings.shutdown.graceMs ?? DRAIN_MS;
      const signal = await signalOrFailure(stopped, backend.unusable);
      process.stderr.write(`${signal}: calls may take up to ${graceMs / 1000} s to end; another signal ends at once\n`);
      service.stopAccepting();
      await backend.endCalls(graceMs);
    } finally {
      await service.close();
      await refused.close();
    }
  } finally {
    await backend.close(0);
  }
  process.exit(0);
}

function serviceOf(
  backend: Backend,
  host: string,
  options: ServeOptions,
  refused: RefusedRequests,
  offer: Offer,
): HttpService {
  const gateway = backend.gateway();
  return new HttpService({
    factory: createMcpFactory({
      version: version(),
      offer,
      open: async (label, auth) => ({
        gateway,
        caller:
          auth === undefined
            ? { client: backend.settings.client ?? label }
            : { client: auth.clientId, scopes: auth.scopes as readonly Scope[] },
      }),
    }),
    // Beyond this machine nobody is let in without a token.
    tokens: storeTokens(backend.store, options.requireTokens === true || !isLoopback(host)),
    host,
    port: options.port ?? PORT,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    onRefused: (request) => refused.note(request),
    onError: (error) => backend.log.debug({ error: errorDataOf(error) }, 'http'),
  });
}

/** Without a single token a server that asks for them is of no use, and most likely not what was meant. */
async function refuseOpenDoor(backend: Backend, host: string, options: ServeOptions): Promise<void> {
  if (options.requireTokens || (await backend.store.hasTokens())) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${host} can be reached from other machines, and there are no tokens to tell clients apart.`,
    hint: 'Make one with: mcp-snow client add NAME, then mcp-snow client token NAME. Or add --require-tokens, or keep to --host 127.0.0.1.',
  });
}

function tellReady(url: URL, backend: Backend, options: ServeOptions): void {
  const { db } = backend.settings;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ url: url.href, pid: process.pid, db })}\n`);
    return;
  }
  process.stdout.write(`serving MCP at ${url.href}, jobs in ${db}\n`);
}
