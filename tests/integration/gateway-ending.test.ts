import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/gateway/requests.js';
import { until } from '../unit/worker/rig.js';
import { GatewayRig } from './gateway-rig.js';

const ann: Caller = { client: 'ann' };

let rig: GatewayRig;
beforeAll(async () => {
  rig = await GatewayRig.open();
});
afterAll(() => rig.close());

const jobsOf = async (kind: 'metadata' | 'query') =>
  (await rig.store.list({ client: 'ann', kinds: [kind], limit: 10 })).jobs;

describe('a gateway that drains', () => {
  it('tells a listing that waits why it gets nothing, and leaves no job of it behind', async () => {
    const gateway = rig.gateway();
    const asked = gateway.listDatabases(ann, {}).catch((failure: unknown) => failure);
    await until(async () => (await jobsOf('metadata')).length === 1);
    await gateway.drain(5_000);
    expect(await asked).toMatchObject({ code: 'CANCELLED', message: 'The server is ending.' });
    await until(async () => (await jobsOf('metadata'))[0]?.state === 'cancelled');
  });

  it('starts nothing any more, and every refusal is in the audit', async () => {
    const gateway = rig.gateway();
    await gateway.drain(0);
    for (const call of [
      () => gateway.startQuery(ann, { sql: 'select 1' }),
      () => gateway.query(ann, { sql: 'select 1' }),
      () => gateway.listDatabases(ann, {}),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'CANCELLED', message: 'The server is ending.' });
    expect(await jobsOf('query')).toEqual([]);
    await gateway.close();
    const { entries } = await rig.store.audit({ client: 'ann', limit: 10 });
    const tools = entries.filter(({ jobId }) => jobId === undefined).map(({ tool }) => tool);
    expect(new Set(tools)).toEqual(new Set(['start_query', 'query', 'list_databases']));
  });
});
