import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from './engine/engine.js';
import type { RestApi } from './rest/rest-api.js';
import { listen, type WireServerOptions } from './wire/wire-server.js';

export interface LocalServer {
  readonly url: string;
  /** Milliseconds since the server was last needed; see `WireServer`. */
  idleMs(allowance: number): number;
  /** Cancels what runs, writes everything to the database file, gives the port and the file free. */
  close(): Promise<void>;
}

export type ServingOptions = Partial<Omit<WireServerOptions, 'engine' | 'version'>>;

/** The version in package.json. */
export function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * Snowflake's protocol before an engine, which is closed with the server, or when the server cannot listen. Rejects with
 * the system's error then (EADDRINUSE, EACCES).
 */
export async function serveEngine(
  engine: Engine,
  host: string,
  port: number,
  options: ServingOptions = {},
): Promise<LocalServer> {
  const spoolDir = options.spoolDir ?? join(tmpdir(), `mcp-snow-results-${randomBytes(9).toString('hex')}`);
  try {
    const onFault = (error: unknown) => options.onFault?.(error);
    let api: Promise<RestApi> | undefined;
    // Its schemas take time to load, which who asks by the wire protocol alone does not have to spend.
    const rest: WireServerOptions['rest'] = async (exchange, state) =>
      await (await (api ??= import('./rest/rest-api.js').then(({ RestApi }) => new RestApi(state, onFault)))).answer(
        exchange,
      );
    const wire = await listen(host, port, { ...options, engine, spoolDir, rest, version: version() });
    return {
      url: wire.url,
      idleMs: (allowance) => wire.idleMs(allowance),
      close: async () => {
        await wire.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
