import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { legacyClient, modernClient } from '../e2e/mcp-clients.js';
import { HttpRig } from './http-rig.js';

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
