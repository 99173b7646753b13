import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobJson } from '../../src/cli/json-names.js';
import type { JobState } from '../../src/store/job.js';
import { INITIALIZE, legacyMessage, messageOf, modernCall } from '../integration/http-rig.js';
import { HTTP_ERAS, type HttpServer, httpServer } from './http-processes.js';
import { ERAS } from './mcp-clients.js';
import { eventually, Place } from './processes.js';

let place: Place;
let server: HttpServer;
beforeAll(async () => {
  place = new Place();
  server = await httpServer(place);
});
afterAll(() => place.end());

const ended = (id: string, state: JobState) => place.job((job) => job.id === id && job.state === state);

describe.each(HTTP_ERAS)('a client of the %s era, over serve --http', (era, connect) => {
  it('lists tools, asks, reads results, and hears of progress', async () => {
    const client = await connect(server.url, `asker-${era}`);
    try {
      expect(client.instructions()).toContain('list_databases');
      expect(await client.listTools()).toHaveLength(14);
      const told: string[] = [];
      const reply = await client.call(
        'query',
        { sql: 'select system$wait(1)' },
        { onprogress: ({ message }) => told.push(String(message)) },
      );
      const { state, job_id } = reply.structuredContent as { state: string; job_id: string };
      expect(state).toBe('succeeded');
      expect(told.join()).toMatch(/queue|running/);
      expect(JSON.parse(await client.read(`snow://jobs/${job_id}/result`))).toMatchObject({ row_count: 1 });
      expect(await client.listResources()).toContain(`snow://jobs/${job_id}/result`);
    } finally {
      await client.close();
    }
  });

  it('cancels the statement with its call, and only that one', async () => {
    const name = `hasty-${era}`;
    const client = await connect(server.url, name);
    try {
      const label = (await client.call('server_status', {})).structuredContent as { you: { client: string } };
      const detached = await client.call('start_query', { sql: 'select system$wait(1)' });
      const kept = (detached.structuredContent as { job_id: string }).job_id;
      const abort = new AbortController();
      const call = client.call('query', { sql: 'select system$wait(60)' }, { signal: abort.signal });
      call.catch(() => undefined);
      const attached = await place.job(
        (job) => job.client === label.you.client && job.id !== kept && job.dispatchedAt !== undefined,
      );
      abort.abort();
      await expect(call).rejects.toThrow();
      await ended(attached.id, 'cancelled');
      await ended(kept, 'succeeded');
    } finally {
      await client.close();
    }
  });
});

describe('a stream that its client closes', () => {
  it.each(['modern', 'legacy'])('cancels the statement it waited for, in the %s era', async (era) => {
    const sql = `select system$wait(60) as ${era}`;
    const abort = new AbortController();
    let asked: RequestInit;
    if (era === 'modern') asked = modernCall('query', { sql });
    else {
      const answer = await fetch(server.url, legacyMessage(INITIALIZE));
      await answer.text();
      const session = { 'mcp-session-id': String(answer.headers.get('mcp-session-id')) };
      const call = { id: 5, method: 'tools/call', params: { name: 'query', arguments: { sql } } };
      asked = legacyMessage(call, session);
    }
    const call = fetch(server.url, { ...asked, signal: abort.signal }).then((answer) => answer.text());
    call.catch(() => undefined);
    const bare = await place.job((job) => JSON.stringify(job.payload).includes(sql) && job.dispatchedAt !== undefined);
    abort.abort();
    await expect(call).rejects.toThrow();
    await ended(bare.id, 'cancelled');
  });
});

it('knows its callers by their tokens, and a revoked one no more', async () => {
  const { url } = await httpServer(place, '--require-tokens', '--no-worker');
  expect((await fetch(url, modernCall('get_session', {}))).status).toBe(401);
  for (const client of ['ann', 'bob']) await place.json('client', 'add', client);
  const ann = await place.json<{ token: string; id: string }>('client', 'token', 'ann');
  const bob = await place.json<{ token: string }>('client', 'token', 'bob');
  for (const [era, connect] of HTTP_ERAS) {
    const anns = await connect(url, 'whoever', ann.token);
    const bobs = await connect(url, 'whoever', bob.token);
    await anns.call('set_session', { session: era, database: 'A_DB' });
    expect((await anns.call('get_session', { session: era })).structuredContent).toMatchObject({
      context: { database: 'A_DB' },
    });
    expect((await bobs.call('get_session', { session: era })).structuredContent).toMatchObject({ context: {} });
    const reply = await anns.call('start_query', { sql: 'select 1' });
    const { job_id } = reply.structuredContent as { job_id: string };
    expect((await place.jobs('ann')).map(({ id }) => id)).toContain(job_id);
    const foreign = await bobs.call('job_status', { job_id });
    expect(foreign).toMatchObject({ isError: true, structuredContent: { code: 'NOT_FOUND' } });
    await Promise.all([anns.close(), bobs.close()]);
  }
  await place.json('client', 'revoke', ann.token.split('_')[1] as string);
  const headers = { authorization: `Bearer ${ann.token}` };
  expect((await fetch(url, modernCall('get_session', {}, headers))).status).toBe(401);
});

it('lets a call that runs end when it ends, and takes no further ones', async () => {
  const alone = new Place();
  try {
    const { url, child } = await httpServer(alone, '--client', 'ending');
    const running = fetch(url, modernCall('query', { sql: 'select system$wait(2)' }));
    await alone.job(({ dispatchedAt }) => dispatchedAt !== undefined);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const asked = () =>
      fetch(url, modernCall('get_session', {})).then(
        ({ status }) => status,
        () => 503,
      );
    await expect.poll(asked).toBe(503);
    expect((await messageOf(await running)).result?.structuredContent).toMatchObject({ state: 'succeeded' });
    expect(await exit).toEqual([0, null]);
  } finally {
    await alone.end();
  }
});

it('answers a call that waits in the queue with its job id when it ends, over HTTP and over stdio', async () => {
  const alone = new Place();
  try {
    const { url, child } = await httpServer(alone, '--no-worker');
    const over = fetch(url, modernCall('query', { sql: 'select 1' }));
    const [, connect] = ERAS[1];
    const transport = alone.server('--no-worker', '--client', 'piped');
    const client = await connect(transport);
    const piped = client.call('query', { sql: 'select 2' });
    await eventually(async () => ((await alone.jobs()).length === 2 ? true : undefined));
    child.kill('SIGTERM');
    process.kill(Number(transport.pid), 'SIGTERM');
    const answers = [(await messageOf(await over)).result, await piped];
    for (const answer of answers) {
      expect(answer?.structuredContent).toMatchObject({
        state: 'queued',
        job_id: expect.any(String),
        message: expect.stringContaining('job_result'),
      });
      const { job_id } = answer?.structuredContent as { job_id: string };
      expect(await alone.json<JobJson>('jobs', 'show', job_id)).toMatchObject({ state: 'queued' });
    }
    await client.close();
  } finally {
    await alone.end();
  }
});
