import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KnowledgeItem } from '../../src/gateway/knowledge.js';
import type { Caller, Gateway } from '../../src/gateway/requests.js';
import { indexedText, marksOf } from '../../src/memory/text/marks.js';
import type { MemoryAsker, NamespaceChoice } from '../../src/store/memory-store.js';
import { GatewayRig } from './gateway-rig.js';

const TABLE = 'SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.ORDERS';
const ann: Caller = { client: 'ann' };
const ben: Caller = { client: 'ben' };

describe('what memories say about the table at hand', () => {
  let rig: GatewayRig;
  let gateway: Gateway;

  beforeAll(async () => {
    rig = await GatewayRig.open();
    gateway = rig.gateway();
    await rig.work(4);
    await remember('ann', 'O_TOTALPRICE is in cents, divide by 100.', [TABLE]);
    await remember('ann', 'Orders of the test customer 1 are left out of every report.', []);
    await remember('ann', 'The whole schema is frozen at 1998-08-02.', ['SNOWFLAKE_SAMPLE_DATA.TPCH_SF1']);
    await remember('ann', 'Lunch is at noon.', []);
    await remember('ben', 'Ben thinks O_TOTALPRICE is in euros.', [TABLE]);
    await rig.store.addNamespace({ name: 'team', kind: 'team' });
    await rig.store.grantNamespace('team', { to: { client: 'ann' }, write: true });
    await remember('ann', 'O_ORDERKEY has gaps: never count with max.', [TABLE], { shared: 'team' });
  }, 60_000);
  afterAll(async () => await rig.close());
  beforeEach(async () => {
    // The first search of a while starts a thread; tests do not judge how quick that is.
    await expect.poll(async () => (await describeOrders(ann)).length, { timeout: 10_000 }).toBeGreaterThan(0);
  });

  async function remember(client: string, text: string, links: readonly string[], where: NamespaceChoice = 'own') {
    const asker: MemoryAsker = { client, owner: client, quotas: true };
    const labels = { tags: ['money'], links };
    await rig.store.storeMemory(asker, where, {
      id: randomUUID(),
      indexed: indexedText(text),
      labels,
      marks: marksOf(text, labels),
    });
  }
  const describeOrders = async (caller: Caller): Promise<readonly KnowledgeItem[]> =>
    (await gateway.describeTable(caller, { table: TABLE })).knowledge ?? [];
  const texts = (items: readonly KnowledgeItem[] | undefined): readonly string[] =>
    (items ?? []).map(({ text }) => text.split(' ').slice(0, 2).join(' '));

  it('goes with its columns: first what is linked to it, of the own namespace and the shared ones that may be read', async () => {
    const { items, knowledge } = await gateway.describeTable(ann, { table: TABLE });
    expect(items.length).toBe(9);
    expect(texts(knowledge).slice(0, 2).sort()).toEqual(['O_ORDERKEY has', 'O_TOTALPRICE is']);
    expect(knowledge?.length).toBeLessThanOrEqual(4);
    expect(knowledge?.find(({ text }) => text.startsWith('O_ORDERKEY'))).toMatchObject({
      kind: 'memory',
      namespace: 'team',
      tags: ['money'],
      links: [TABLE],
      author: 'ann',
    });
    expect(texts(await describeOrders(ben))).toEqual(['Ben thinks']);
    expect(await describeOrders({ client: 'cat' })).toEqual([]);
  });

  it('goes with the error of a statement that names the table, the column that it is about first', async () => {
    const failed = await gateway.query(ann, {
      sql: 'select o_price, o_totalprice from orders',
      database: 'SNOWFLAKE_SAMPLE_DATA',
      schema: 'TPCH_SF1',
    });
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'SNOWFLAKE_ERROR' } });
    expect(texts(failed.knowledge)).toContain('O_TOTALPRICE is');
    const again = await gateway.jobResult(ann, { id: failed.job_id });
    expect(texts(again.knowledge)).toContain('O_TOTALPRICE is');
    expect((await gateway.query(ann, { sql: 'select 1 as one' })).knowledge).toBeUndefined();
  });

  it('is left out for a token that may not read memories', async () => {
    expect(await describeOrders({ ...ann, scopes: ['query', 'jobs'] })).toEqual([]);
    expect(await describeOrders({ ...ann, scopes: ['query', 'memory'] })).not.toEqual([]);
  });

  it('is switched off by the flag, for a client or for all', async () => {
    await rig.store.setFlag('knowledge', { client: 'ann' }, false, 'test');
    expect(await describeOrders(ann)).toEqual([]);
    expect(await describeOrders(ben)).not.toEqual([]);
    await rig.store.setFlag('knowledge', { client: 'ann' }, null, 'test');
  });
});
