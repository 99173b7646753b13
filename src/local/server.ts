import type { AccessSettings } from './access/settings.js';
import { DEFAULT_ENGINE_LIMITS, type EngineLimits } from './engine/engine-limits.js';
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
  /** Those of the engine; `sessionLimits`, `queryLimits` and `resultLimits` count before them. */
  readonly limits?: Partial<EngineLimits>;
}

/** The local Snowflake: engine and wire in this process. Rejects when the data or the port is taken. */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { host, port, dataDir, sampleScale, stageFolders, ...serving } = options;
  const limits = { ...DEFAULT_ENGINE_LIMITS, ...options.limits };
  const sessions = options.sessionLimits?.open ?? limits.sessions;
  const engine = await openEngine({
    dataDir,
    ...(stageFolders !== undefined && { stageFolders }),
    ...(sampleScale !== undefined && { sampleScale }),
    limits: { ...limits, sessions },
    users: options.access === undefined ? [] : userNames(options.access, options.login?.user),
  });
  return serveEngine(engine, host, port, {
    ...serving,
    sessionLimits: { ...serving.sessionLimits, open: sessions },
    queryLimits: {
      running: limits.statements,
      statementTimeoutMs: limits.statementSeconds * 1000,
      mostTimeoutMs: limits.mostStatementSeconds * 1000,
      ...serving.queryLimits,
    },
    resultLimits: { diskBytes: limits.resultDiskBytes, ...serving.resultLimits },
  });
}

/** Those whom the settings let in. They are users from the start, so that nobody else can make one of their name. */
function userNames({ users = [] }: AccessSettings, own: string | undefined): string[] {
  return [...users.map(({ name }) => name), ...(own === undefined ? [] : [own])].map((name) => name.toUpperCase());
}
