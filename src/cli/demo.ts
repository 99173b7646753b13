import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChalkInstance } from 'chalk';
import { SnowError } from '../errors/snow-error.js';
import { localDataDir } from '../local/host/data-dir.js';
import { stopLocalHost } from '../local/host/launcher.js';
import { clientLabel } from '../mcp/client-label.js';
import type { JobRecord } from '../store/job.js';
import { openSqliteStore } from '../store/sqlite/open.js';
import type { Store } from '../store/store.js';
import { Board, type BoardRow } from './demo/board.js';
import { type Answer, APPETITES } from './demo/clients.js';
import { endProcess, McpProcess, startProcess } from './demo/mcp-process.js';
import { demoReport, reportText } from './demo/report.js';
import { Stage } from './demo/stage.js';
import { EXIT } from './exit-code.js';
import type { GlobalOptions } from './global-options.js';
import { Interrupted } from './interrupted.js';
import { startStep } from './step.js';
import { paintFor, terminal } from './terminal.js';

/** The whole of it may take this long (ms); what still runs then is cancelled. */
const LONGEST_MS = 55_000;
const FRAME_MS = 120;
const END_GRACE_MS = 5_000;

const ROWS: readonly BoardRow[] = APPETITES.map(({ appetite }) => ({
  name: appetite.name,
  habit: appetite.habit,
  client: clientLabel(appetite.name),
}));

async function firstLine(child: ChildProcess): Promise<void> {
  if (!child.stdout) return;
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.once('line', () => resolve());
    child.once('exit', (code) => reject(new Error(`the worker process ended with code ${code}`)));
  });
  child.stdout.resume();
}

async function setUp(stage: Stage): Promise<{ store: Store; servers: readonly McpProcess[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-demo-'));
  stage.atEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const db = join(folder, 'demo.db');
  // Nothing of the user's own settings has a part in this.
  const common = ['--db', db, '--connection', 'local'];
  stage.atEnd(() => stopLocalHost(localDataDir(db)));
  const store = await openSqliteStore({ path: db });
  stage.atEnd(() => store.close());
  const worker = startProcess(['worker', ...common, '--concurrency', '4'], ['ignore', 'pipe', 'ignore']);
  stage.atEnd(() => endProcess(worker, END_GRACE_MS));
  await firstLine(worker);
  const servers = [0, 1].map(() => new McpProcess([...common, '--no-worker']));
  for (const server of servers) stage.atEnd(() => endProcess(server.child, END_GRACE_MS));
  return { store, servers };
}

async function allJobs(store: Store): Promise<readonly JobRecord[]> {
  const jobs: JobRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ limit: 1_000, kinds: ['query'], ...(cursor !== undefined && { cursor }) });
    jobs.push(...page.jobs);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return jobs;
}

/** All three clients ask at once; resolves when all have their answers. */
async function askAll(servers: readonly McpProcess[], signal: AbortSignal): Promise<readonly Answer[]> {
  const answers = await Promise.all(
    APPETITES.map(({ appetite, server }) => {
      const process = servers[server];
      return process === undefined ? [] : appetite.run(process, signal);
    }),
  );
  return answers.flat();
}

async function watch(store: Store, board: Board, until: Promise<unknown>): Promise<void> {
  let over = false;
  const end = until.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  while (!over) {
    board.draw(await store.stats());
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, FRAME_MS))]);
  }
  board.end(await store.stats());
}

function heading(paint: ChalkInstance): string {
  return [
    '',
    `  ${paint.bold('mcp-snow')}  three clients, two MCP servers, one worker, one SQLite file`,
    ...ROWS.map((row) => `  ${paint.dim('·')} ${row.name}: ${row.habit}`),
    '',
  ].join('\n');
}

/** Three clients with different appetites share the local Snowflake, all in a folder of its own that is gone afterwards. */
export async function demo(options: GlobalOptions): Promise<void> {
  const talk = terminal({ json: options.json ?? false, color: options.color });
  const paint = await paintFor(process.stderr, options.color);
  const stage = new Stage();
  const timeout = AbortSignal.timeout(LONGEST_MS);
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Interrupted('The demo')));
  });
  const tooLong = new Promise<never>((_resolve, reject) => {
    timeout.addEventListener('abort', () =>
      reject(new SnowError({ code: 'QUEUE_TIMEOUT', message: 'The demo took too long on this machine.' })),
    );
  });
  const run = perform(stage, paint, timeout);
  try {
    const report = await Promise.race([run, interrupted, tooLong]);
    await talk.result(report, (colours) => reportText(report, colours));
  } catch (thrown) {
    run.catch(() => undefined);
    throw thrown;
  } finally {
    await stage.end();
  }
  process.exit(EXIT.done);
}

async function perform(stage: Stage, paint: ChalkInstance, signal: AbortSignal) {
  process.stderr.write(`${heading(paint)}\n`);
  const step = await startStep('starting the processes', { color: paint.level > 0 });
  stage.atEnd(async () => step.end());
  const { store, servers } = await setUp(stage);
  step.update('starting the local Snowflake and filling its sample database');
  await Promise.all(servers.map((server) => server.callTool('demo', 'query', { sql: 'select 1' })));
  step.done('the local Snowflake answers');
  const board = new Board(process.stderr, paint, ROWS);
  const asking = askAll(servers, signal);
  await watch(store, board, asking);
  const answers = await asking;
  return demoReport(ROWS, await allJobs(store), answers);
}
