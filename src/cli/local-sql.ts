import { resolve } from 'node:path';
import { readConnections } from '../config/connections.js';
import { SnowError } from '../errors/snow-error.js';
import type { WarehouseContext } from '../store/job.js';
import type { ConnectionProfile } from '../warehouse/profile.js';
import { openConnection } from '../warehouse/snowflake/connection.js';
import type { GlobalOptions } from './global-options.js';
import { profileResolver } from './profiles.js';
import { loadSettings, localDataOf } from './settings.js';
import { DirectSession } from './sql/direct-session.js';
import { runSql, type SqlOptions } from './sql/run-sql.js';

/** Which local Snowflake, and where in it. */
export interface LocalSqlTarget extends GlobalOptions {
  /** A local Snowflake that runs somewhere; without it, the one beside the database file, started when it is not there. */
  readonly url?: URL;
  readonly user?: string;
  readonly data?: string;
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
}

/** `local sql`: statements straight into the local Snowflake, on one connection. */
export async function localSql(options: LocalSqlTarget & SqlOptions): Promise<void> {
  const session = await openLocalSql(options);
  await runSql(session, options);
}

/** A connection of its own, in the context that the options name. */
export async function openLocalSql(options: LocalSqlTarget): Promise<DirectSession> {
  const settings = await loadSettings(options);
  const dataDir = options.data === undefined ? localDataOf(settings) : resolve(options.data);
  const connect = async () => {
    const profile = await profileOf(options, dataDir, settings.local.variables);
    const connection = await openConnection(profile).catch((thrown: unknown) => {
      throw options.url === undefined ? thrown : nobodyThere(thrown, options.url);
    });
    return { connection, where: `local Snowflake at ${profile.options.accessUrl}` };
  };
  const context: WarehouseContext = {
    ...(options.database !== undefined && { database: options.database }),
    ...(options.schema !== undefined && { schema: options.schema }),
  };
  return await DirectSession.open(connect, { context, timeoutMs: settings.query.timeoutMs });
}

const NOT_LISTENING = /ECONNREFUSED|ENOTFOUND|ECONNRESET/;

function nobodyThere(thrown: unknown, url: URL): unknown {
  if (!(thrown instanceof SnowError) || !NOT_LISTENING.test(thrown.data.message)) return thrown;
  return new SnowError(
    {
      code: 'CONNECTION_FAILED',
      message: `Nothing answers at ${url.origin}.`,
      hint: `Start it with: mcp-snow local serve${url.port === '' ? '' : ` --port ${url.port}`}`,
    },
    { cause: thrown },
  );
}

async function profileOf(
  { url, user }: LocalSqlTarget,
  dataDir: string,
  variables: Readonly<Record<string, string>>,
): Promise<ConnectionProfile> {
  if (url === undefined) return await profileResolver(await readConnections(), dataDir, variables)('local');
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
