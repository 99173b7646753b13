// Tiny statements per second through the driver at 1, 10 and 50 connections, against a server that only answers (what HTTP and the
// driver cost by themselves) and against DuckDB in this process; and the server's memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDriver } from './driver-connection.mjs';
import { startServerProcess } from './server-process.mjs';

const STATEMENTS = 3_000;
const KINDS = [
  ['select 1', () => 'select 1 as one'],
  ['a row by its key', (i) => `select name from bench.public.small where id = ${i % 1000}`],
  ['insert a row', (i) => `insert into bench.public.log values (${i}, 'x')`],
];

async function perSecond(sessions, statement, count) {
  let next = 0;
  const began = performance.now();
  await Promise.all(
    sessions.map(async (session) => {
      while (next < count) {
        next += 1;
        await session.ask(statement(next));
      }
    }),
  );
  return count / ((performance.now() - began) / 1000);
}

/** Answers every statement with the same answer, once it has seen a real one. */
async function echo(url) {
  const real = await connectDriver(url);
  await real.close();
  const answers = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url.split('?')[0];
    let answer = answers.get(path);
    if (answer === undefined) {
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => !['host', 'content-length', 'connection'].includes(name)),
      );
      const told = await fetch(url + request.url, { method: request.method, headers, body: Buffer.concat(chunks) });
      answer = Buffer.from(await told.arrayBuffer());
      answers.set(path, answer);
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-snow-bench-'));
  const server = await startServerProcess(join(folder, 'local'));
  const atRest = server.resident();
  const rows = [];
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const duckdb = await DuckDBInstance.create(join(folder, 'plain.duckdb'));
  const plain = await duckdb.connect();
  try {
    const first = await connectDriver(server.url);
    await first.ask('create database bench');
    await first.ask(
      "create table bench.public.small as select seq4() as id, 'n' || seq4() as name from table(generator(rowcount => 1000))",
    );
    await first.ask('create table bench.public.log (id int, what varchar)');
    const answering = await echo(server.url);
    const echoed = await connectDriver(answering.url);
    rows.push({
      figure: 'a server that only answers, 1 connection',
      value: await perSecond([echoed], KINDS[0][1], STATEMENTS),
      unit: '/s',
    });
    await echoed.close();
    await answering.close();
    const began = performance.now();
    for (let i = 0; i < STATEMENTS; i += 1) await (await plain.run('select 1')).getRows();
    rows.push({
      figure: 'DuckDB in this process, select 1',
      value: STATEMENTS / ((performance.now() - began) / 1000),
      unit: '/s',
    });
    for (const connections of [1, 10, 50]) {
      const sessions = await Promise.all(Array.from({ length: connections }, () => connectDriver(server.url)));
      for (const session of sessions) await session.ask('alter session set use_cached_result = false');
      for (const [name, statement] of KINDS) {
        const before = server.cpuSeconds();
        const rate = await perSecond(sessions, statement, STATEMENTS);
        const cpu = ((server.cpuSeconds() - before) / STATEMENTS) * 1000;
        rows.push({
          figure: `${name}, ${connections} connections`,
          value: rate,
          unit: '/s',
          note: `${cpu.toFixed(2)} ms of the server's processor time each`,
        });
      }
      await Promise.all(sessions.map((session) => session.close()));
    }
    await first.close();
    rows.push({ figure: 'server at rest', value: atRest, unit: 'MB resident' });
    rows.push({
      figure: 'server after it all',
      value: server.resident(),
      unit: 'MB resident',
      note: `peak ${Math.round(server.peak())}`,
    });
    return { name: `local Snowflake: ${STATEMENTS} tiny statements of each kind`, rows };
  } finally {
    plain.closeSync();
    duckdb.closeSync();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
