import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { isTaskStatusNotificationV2, readAcceptedTaskIdsV2 } from '@modelcontextprotocol/ext-tasks/core/v2';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { legacyClient, modernClient } from '../e2e/mcp-clients.js';
import { bearer, ENVELOPE, HttpRig, messageOf, modernCall } from './http-rig.js';

let rig: HttpRig;
let url: URL;
beforeAll(async () => {
  rig = await HttpRig.open();
  url = await rig.serve({ requireTokens: true });
});
afterAll(() => rig.close());

/** No worker runs here: a job ends when its client cancels it. */
async function job(client: Awaited<ReturnType<typeof modernClient>>): Promise<string> {
  const { structuredContent } = await client.call('start_query', { sql: 'select 1' });
  return (structuredContent as { job_id: string }).job_id;
}

const uri = (id: string) => `snow://jobs/${id}/result`;

it.each(['modern', 'legacy'] as const)('are told over HTTP to their own client alone, in the %s era', async (era) => {
  const connect = async (name: string) => {
    const requestInit = { headers: { authorization: `Bearer ${await rig.token(`${name}-${era}`)}` } };
    return era === 'modern'
      ? await modernClient(new StreamableHTTPClientTransport(url, { requestInit }), name)
      : await legacyClient(new LegacyTransport(url, { requestInit }) as never, name);
  };
  const ann = await connect('ann');
  const bob = await connect('bob');
  const [annsJob, bobsJob] = [await job(ann), await job(bob)];
  const told: string[] = [];
  if (era === 'legacy') await expect(bob.subscribe([uri(annsJob)], () => undefined)).rejects.toThrow(/not found/i);
  const foreign = era === 'modern' ? [uri(annsJob)] : [];
  await bob.subscribe([...foreign, uri(bobsJob)], (updated) => told.push(`bob ${updated}`));
  const subscription = await ann.subscribe([uri(annsJob)], (updated) => told.push(`ann ${updated}`));
  await ann.call('job_cancel', { job_id: annsJob });
  await vi.waitFor(() => expect(told).toEqual([`ann ${uri(annsJob)}`]), { timeout: 5_000 });
  await bob.call('job_cancel', { job_id: bobsJob });
  await vi.waitFor(() => expect(told).toEqual([`ann ${uri(annsJob)}`, `bob ${uri(bobsJob)}`]), { timeout: 5_000 });
  await subscription.close();
  await Promise.all([ann.close(), bob.close()]);
});

it('are offered to a client of SDK 2 by server/discover', async () => {
  const client = new Client({ name: 'c', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const requestInit = { headers: { authorization: `Bearer ${await rig.token('carol')}` } };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  expect(client.getServerCapabilities()).toMatchObject({
    resources: { subscribe: true },
    completions: {},
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  });
  await client.close();
});

it('tell of tasks over HTTP, to a client that knows them', async () => {
  const headers = bearer(await rig.token('dora'));
  const started = await messageOf(await fetch(url, modernCall('start_query', { sql: 'select 1' }, headers)));
  const id = String(started.result?.structuredContent?.job_id);
  const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const _meta = { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': capabilities };
  const params = { notifications: { taskIds: [id, 'foreign'] }, _meta };
  const stream = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'subscriptions/listen', params }),
  });
  expect(stream.status).toBe(200);
  let text = '';
  const reader = stream.body?.getReader();
  const reading = (async () => {
    for (;;) {
      const chunk = await reader?.read().catch(() => undefined);
      if (chunk === undefined || chunk.done) return;
      text += new TextDecoder().decode(chunk.value);
    }
  })();
  const messages = () =>
    text
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice('data: '.length)) as { method: string; params: Record<string, unknown> });
  await expect.poll(() => messages()[0]?.params.notifications).toEqual({ taskIds: [id, 'foreign'] });
  await (await fetch(url, modernCall('job_cancel', { job_id: id }, headers))).text();
  await expect
    .poll(() => messages()[1])
    .toMatchObject({
      method: 'notifications/tasks',
      params: { taskId: id, status: 'cancelled', _meta: expect.objectContaining({}) },
    });
  const [acknowledged, told] = messages();
  expect(readAcceptedTaskIdsV2(acknowledged?.params)).toEqual([id, 'foreign']);
  expect(isTaskStatusNotificationV2(told)).toBe(true);
  await reader?.cancel();
  await reading;
});
