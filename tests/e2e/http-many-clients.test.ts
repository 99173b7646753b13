import { afterAll, beforeAll, expect, it } from 'vitest';
import { percentile } from '../../src/cli/demo/fairness-figure.js';
import { HTTP_ERAS, type HttpServer, httpServer } from './http-processes.js';
import { ERAS, type TestClient, type ToolReply } from './mcp-clients.js';
import { Place } from './processes.js';

/** How long all of them ask, in ms. A longer run, asked for by its seconds, says how long the answers took, too. */
const ASKING_S = process.env.ASKING_SECONDS;
const ASKING_MS = Number(ASKING_S ?? 5) * 1_000;
/** What we may take of an answer's time when that is judged, 95 of 100 times, in ms. */
const OVERHEAD_P95_MS = 200;
const OF_EACH = 5;

let place: Place;
let server: HttpServer;
beforeAll(async () => {
  place = new Place();
  server = await httpServer(place, '--allow', 'read,dml,ddl');
});
afterAll(() => place.end());

interface Asker {
  readonly name: string;
  readonly client: TestClient;
}

function rowsOf(reply: ToolReply): unknown {
  expect(reply.isError ?? false, JSON.stringify(reply.structuredContent)).toBe(false);
  return (reply.structuredContent as { rows: unknown }).rows;
}

async function connectAll(): Promise<readonly Asker[]> {
  const places = Array.from({ length: OF_EACH }, (_, at) => at);
  const overHttp = HTTP_ERAS.flatMap(([era, connect]) =>
    places.map(async (at) => {
      const name = `HTTP_${era}_${at}`.toUpperCase();
      return { name, client: await connect(server.url, name) };
    }),
  );
  const overStdio = ERAS.flatMap(([era, connect]) =>
    places.map(async (at) => {
      const name = `STDIO_${era}_${at}`.toUpperCase();
      return { name, client: await connect(place.server('--no-worker', '--client', name), name) };
    }),
  );
  return await Promise.all([...overHttp, ...overStdio]);
}

/** Of an answer's time all but its wait for a slot and the statement's own run, in ms. */
function overheadOf(ms: number, reply: ToolReply): number {
  const { queued_ms, elapsed_ms } = reply.structuredContent as { queued_ms: number; elapsed_ms: number };
  return ms - queued_ms - elapsed_ms;
}

it('ten clients over HTTP and ten over stdio each get their own answers', { timeout: ASKING_MS + 85_000 }, async () => {
  const askers = await connectAll();
  try {
    const [first] = askers;
    const write = async (sql: string) => rowsOf((await first?.client.call('query', { sql })) as ToolReply);
    await write('create database shared');
    for (const { name } of askers) {
      await write(`create schema shared.${name}`);
      await write(`create table shared.${name}.mine as select '${name}' as who`);
    }
    await Promise.all(
      askers.map(({ name, client }) => client.call('set_session', { database: 'SHARED', schema: name })),
    );

    const until = performance.now() + ASKING_MS;
    const overhead: number[] = [];
    const answered = await Promise.all(
      askers.map(async ({ name, client }) => {
        let answers = 0;
        while (performance.now() < until) {
          const sql = 'select who, current_schema(), ? from mine';
          const mark = `${name} ${answers}`;
          const asked = performance.now();
          const reply = await client.call('query', { sql, binds: [mark] });
          expect(rowsOf(reply)).toEqual([[name, name, mark]]);
          overhead.push(overheadOf(performance.now() - asked, reply));
          answers += 1;
        }
        return answers;
      }),
    );
    expect(Math.min(...answered), answered.join()).toBeGreaterThan(0);
    if (ASKING_S !== undefined) {
      const [half, most] = [percentile(overhead, 0.5), percentile(overhead, 0.95)];
      console.log(`${overhead.length} answers, own overhead ${half.toFixed(1)} ms median, ${most.toFixed(1)} ms p95`);
      expect(most).toBeLessThan(OVERHEAD_P95_MS);
    }
  } finally {
    await Promise.all(askers.map(({ client }) => client.close()));
  }
});
