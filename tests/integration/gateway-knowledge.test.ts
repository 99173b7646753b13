import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeItem } from '../../src/gateway/knowledge-item.js';
import { syncRequest } from '../../src/gateway/repository-requests.js';
import type { Caller, Gateway } from '../../src/gateway/requests.js';
import { CodeSearch } from '../../src/memory/repositories/code-search.js';
import { indexedText, marksOf } from '../../src/memory/text/marks.js';
import { CODE_LANE } from '../../src/store/lane.js';
import type { MemoryAsker, NamespaceChoice } from '../../src/store/memory-store.js';
import { operationHandler } from '../../src/worker/handlers/operation.js';
import { RepositoryOperations } from '../../src/worker/handlers/repositories.js';
import { OperationHandlers } from '../../src/worker/operation-handler.js';
import { startWorker, type Worker } from '../../src/worker/worker.js';
import { GatewayRig } from './gateway-rig.js';

const TABLE = 'SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.ORDERS';
const ann: Caller = { client: 'ann' };
const ben: Caller = { client: 'ben' };

describe('what memories and code say about the table at hand', () => {
  let rig: GatewayRig;
  let gateway: Gateway;
  let code: CodeSearch;
  let syncer: Worker;
  let operations: OperationHandlers;

  beforeAll(async () => {
    rig = await GatewayRig.open();
    code = new CodeSearch(rig.db);
    // Tests do not judge how quick a search is.
    gateway = rig.gateway({ code, limits: { knowledgeWaitMs: 20_000 } });
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
  afterAll(async () => {
    await syncer?.stop();
    await operations?.close();
    await code.close();
    await rig.close();
  });

  /** A folder of code, synced by ann. */
  async function sync(files: Readonly<Record<string, string>>): Promise<void> {
    const folder = join(rig.db, '..', 'code');
    await mkdir(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const { store, db } = rig;
    const limits = { files: 1_000, bytes: 1_000_000, fileBytes: 100_000 };
    operations = new OperationHandlers({
      repo: async () => new RepositoryOperations({ store, db, folders: [folder], limits }),
    });
    syncer = await startWorker({
      store,
      lanes: [CODE_LANE],
      concurrency: 1,
      handlers: { 'repo-sync': operationHandler(operations) },
    });
    await gateway.operate(ann, syncRequest({ path: folder, name: 'models' }));
  }
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

  it('goes with chunks of synced code that define the table, for those who may read the repository', async () => {
    await sync({
      'orders.sql': 'create table ORDERS (O_ORDERKEY number, O_TOTALPRICE number(12, 0) /* cents */);\n',
      'other.sql': 'create table LINES (L_ORDERKEY number);\n',
    });
    const chunk = { kind: 'code', repository: 'models', path: 'orders.sql', first_line: 1, language: 'sql' };
    const ofCode = async () => (await describeOrders(ann)).filter(({ kind }) => kind === 'code');
    expect(await ofCode()).toMatchObject([chunk]);
    expect((await describeOrders(ann)).length).toBeLessThanOrEqual(4);
    const ofError = async () => (await gateway.query(ann, { sql: `select o_price from ${TABLE}` })).knowledge ?? [];
    expect(await ofError()).toContainEqual(expect.objectContaining(chunk));
    expect(texts(await describeOrders(ben))).toEqual(['Ben thinks']);
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
