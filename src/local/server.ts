import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from './engine/engine.js';
import { openEngine } from './engine/open.js';
import { listen, type WireServerOptions } from './wire/wire-server.js';

export interface LocalServerOptions extends Partial<Omit<WireServerOptions, 'engine' | 'version'>> {
  /** Address to listen on, `127.0.0.1` as a rule. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the database lies; made when missing. One server at a time may have it. */
  readonly dataDir: string;
  /** Scale of the sample database; 0 leaves it out. */
  readonly sampleScale?: number;
}

export interface LocalServer {
  readonly url: string;
  /** Milliseconds since the server was last needed; see `WireServer`. */
  idleMs(allowance: number): number;
  /** Cancels what runs, writes everything to the database file, gives the port and the file free. */
  close(): Promise<void>;
}

/** The version in package.json. */
export function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The local Snowflake: engine and wire in this process. Rejects when the data or the port is taken. */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { host, port, dataDir, sampleScale, ...wireOptions } = options;
  const engine = await openEngine({
    dataDir,
    ...(sampleScale !== undefined && { sampleScale }),
    ...(options.sessionLimits?.open !== undefined && { maxSessions: options.sessionLimits.open }),
  });
  return serveEngine(engine, host, port, wireOptions);
}

/** As `startLocalServer`, before an engine that is open already; it is closed with the server. */
export async function serveEngine(
  engine: Engine,
  host: string,
  port: number,
  options: Partial<Omit<WireServerOptions, 'engine' | 'version'>> = {},
): Promise<LocalServer> {
  const spoolDir = options.spoolDir ?? join(tmpdir(), `mcp-snow-results-${randomBytes(9).toString('hex')}`);
  try {
    const wire = await listen(host, port, { ...options, engine, spoolDir, version: version() });
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
