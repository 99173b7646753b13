import { openEngine } from './engine/open.js';
import { type LocalServer, type ServingOptions, serveEngine } from './serve-engine.js';

export interface LocalServerOptions extends ServingOptions {
  /** Address to listen on, `127.0.0.1` as a rule. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the database lies; made when missing. One server at a time may have it. */
  readonly dataDir: string;
  /** Scale of the sample database; 0 leaves it out. */
  readonly sampleScale?: number;
  /** Folders that stages with a `file://` URL may read and write; none unless given. */
  readonly stageFolders?: readonly string[];
}

/** The local Snowflake: engine and wire in this process. Rejects when the data or the port is taken. */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { host, port, dataDir, sampleScale, stageFolders, ...serving } = options;
  const engine = await openEngine({
    dataDir,
    ...(stageFolders !== undefined && { stageFolders }),
    ...(sampleScale !== undefined && { sampleScale }),
    ...(options.sessionLimits?.open !== undefined && { maxSessions: options.sessionLimits.open }),
  });
  return serveEngine(engine, host, port, serving);
}
