import { readConnections } from '../config/connections.js';
import { SnowError } from '../errors/snow-error.js';
import type { WarehouseContext } from '../store/job.js';
import type { ConnectionProfile } from '../warehouse/profile.js';
import { openConnection } from '../warehouse/snowflake/connection.js';
import { profileResolver } from './profiles.js';
import { loadSettings, localDataOf } from './settings.js';
import { DirectSession } from './sql/direct-session.js';
import { runSql, type SqlOptions } from './sql/run-sql.js';

export interface LocalSqlOptions extends SqlOptions {
  /** A local Snowflake that runs somewhere; without it, the one beside the database file, started when it is not there. */
  readonly url?: URL;
  readonly user?: string;
  readonly data?: string;
  readonly database?: string;
  readonly schema?: string;
}

const CONTEXT_MS = 30_000;

/** `local sql`: statements straight into the local Snowflake, on one connection. */
export async function localSql(options: LocalSqlOptions): Promise<void> {
  const settings = await loadSettings(options);
  const profile = await profileOf(options, options.data ?? localDataOf(settings));
  const connection = await openConnection(profile);
  const session = new DirectSession(
    connection,
    `local Snowflake at ${profile.options.accessUrl}`,
    settings.query.timeoutMs,
  );
  try {
    const context: WarehouseContext = {
      ...(options.database !== undefined && { database: options.database }),
      ...(options.schema !== undefined && { schema: options.schema }),
    };
    if (Object.keys(context).length > 0) await connection.applyContext(context, { timeoutMs: CONTEXT_MS });
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
  await runSql(session, options);
}

async function profileOf({ url, user }: LocalSqlOptions, dataDir: string): Promise<ConnectionProfile> {
  if (url === undefined) return await profileResolver(await readConnections(), dataDir)('local');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${url.href} is no address of a local Snowflake.`,
      hint: 'Use --url http://127.0.0.1:PORT.',
    });
  return {
    name: 'local',
    local: true,
    options: {
      accessUrl: url.origin,
      account: 'local',
      username: user ?? 'mcp_snow',
      // From the environment alone: a command line can be read by every process of the machine.
      password: process.env.SNOWFLAKE_PASSWORD ?? 'none',
    },
  };
}
