import { clientLabel } from '../mcp/client-label.js';
import { openBackend } from './backend.js';
import { QueueSession } from './sql/queue-session.js';
import { runSql, type SqlOptions } from './sql/run-sql.js';

export interface QueueSqlOptions extends SqlOptions {
  readonly client?: string;
  readonly session?: string;
  readonly allow?: readonly string[];
  /** False: leave the work to other processes. */
  readonly worker: boolean;
}

/** `sql`: statements through the queue, each a job with all limits, under a session of the store. */
export async function sql(options: QueueSqlOptions): Promise<void> {
  const backend = await openBackend(options);
  const client = options.client ?? backend.settings.client ?? clientLabel('sql');
  const gateway = backend.gateway();
  try {
    if (options.worker) await backend.startWorker({ pools: backend.pools({ lanes: ['query:1'] }), client });
  } catch (thrown) {
    await backend.close(0);
    throw thrown;
  }
  const session = new QueueSession({
    gateway,
    caller: { client, via: 'sql' },
    session: options.session ?? 'default',
    where: `${backend.connection} through the queue, as ${client}`,
    close: () => backend.close(0),
  });
  await runSql(session, options);
}
