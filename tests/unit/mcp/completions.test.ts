import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { Caller, Gateway, Listing, ListRequest } from '../../../src/gateway/requests.js';
import { ERAS } from '../../e2e/mcp-clients.js';
import { listen, listenFor } from './listen.js';

const TABLE = { type: 'ref/resource', uri: 'snow://databases/{database}/schemas/{schema}/tables/{table}' } as const;
const EXPLORE = { type: 'ref/prompt', name: 'explore_database' } as const;

/** A catalog of these names, that counts the questions. */
function catalog(names: readonly string[]) {
  const asked: ListRequest[] = [];
  const list = async (_caller: Caller, request: ListRequest): Promise<Listing> => {
    asked.push(request);
    const begin = request.like?.slice(0, -1) ?? '';
    const found = names.filter((name) => name.toUpperCase().startsWith(begin));
    const items = found.slice(0, request.limit).map((name) => ({ name }));
    return { items, ...(found.length > items.length && { next_cursor: 'more' }) };
  };
  return { asked, gateway: { listDatabases: list, listSchemas: list, listTables: list } as Partial<Gateway> };
}

describe.each(ERAS)('completions in the %s era', (_era, connect) => {
  it('are the names that begin so, as SQL writes them', async () => {
    const { gateway } = catalog(['SALES', 'sales', 'Sales "EU"', 'PEOPLE']);
    const client = await connect(listen(gateway));
    expect(await client.complete(EXPLORE, { name: 'database', value: 'sa' })).toEqual([
      'SALES',
      '"sales"',
      '"Sales ""EU"""',
    ]);
    expect(await client.complete(EXPLORE, { name: 'database', value: '"Sales' })).toHaveLength(3);
    expect(await client.complete(EXPLORE, { name: 'database', value: 'x' })).toEqual([]);
  });

  it('ask where the arguments before say, and only once for several keys', async () => {
    const { gateway, asked } = catalog(['ORDERS', 'ORDER_LINES']);
    const client = await connect(listen(gateway));
    const place = { database: 'SALES', schema: 'PUBLIC' };
    expect(await client.complete(TABLE, { name: 'table', value: '' }, place)).toEqual(['ORDERS', 'ORDER_LINES']);
    expect(await client.complete(TABLE, { name: 'table', value: 'orders' }, place)).toEqual(['ORDERS']);
    expect(asked).toEqual([expect.objectContaining(place)]);
    await client.complete(TABLE, { name: 'table', value: 'o' }, { ...place, schema: 'OTHER' });
    expect(asked).toHaveLength(2);
  });

  it('are asked for anew when the client’s rights have changed, and are none for one that was removed', async () => {
    const { gateway, asked } = catalog(['ORDERS']);
    let rights: string | undefined = 'all';
    const rightsOf = async () => {
      if (rights === undefined) throw new SnowError({ code: 'NOT_PERMITTED', message: 'It was removed.' });
      return rights;
    };
    const client = await connect(listen({ ...gateway, rightsOf }));
    const complete = () => client.complete(EXPLORE, { name: 'database', value: '' });
    expect([await complete(), await complete(), asked.length]).toEqual([['ORDERS'], ['ORDERS'], 1]);
    rights = 'some';
    expect([await complete(), asked.length]).toEqual([['ORDERS'], 2]);
    rights = undefined;
    expect([await complete(), asked.length]).toEqual([[], 2]);
  });

  it('ask for the beginning where there are too many names, and give a hundred at most', async () => {
    const names = Array.from({ length: 5_000 }, (_, n) => `T${n % 2 === 0 ? 'A' : 'B'}${n}`);
    const { gateway, asked } = catalog(names);
    const client = await connect(listen(gateway));
    const found = await client.complete(TABLE, { name: 'table', value: 'tb499' });
    expect(found).toEqual(names.filter((name) => name.startsWith('TB499')));
    expect(asked.map((request) => request.like)).toEqual([undefined, 'TB499%']);
    expect(await client.complete(TABLE, { name: 'table', value: 'tb' })).toHaveLength(100);
  });

  it('are none where the catalog refuses, and are asked again at the next key', async () => {
    let refused = 0;
    const client = await connect(
      listen({
        listDatabases: async () => {
          refused += 1;
          throw new SnowError({ code: 'QUEUE_FULL', message: 'Full.' });
        },
      }),
    );
    expect(await client.complete(EXPLORE, { name: 'database', value: 'a' })).toEqual([]);
    expect(await client.complete(EXPLORE, { name: 'database', value: 'ab' })).toEqual([]);
    expect(refused).toBe(2);
  });

  it('are none for other arguments, and an error for what is not there', async () => {
    const listener = listen({});
    const client = await connect(listener);
    const trouble = { type: 'ref/prompt', name: 'find_slow_or_failed_jobs' } as const;
    expect(await client.complete(trouble, { name: 'slower_than_s', value: '1' })).toEqual([]);
    await expect(
      client.complete({ type: 'ref/prompt', name: 'nothing' }, { name: 'database', value: '' }),
    ).rejects.toThrow(/no prompt nothing/);
    expect(listener.opened).toEqual([]);
  });

  it('of a result are the jobs that have one', async () => {
    const client = await connect(
      listen({ listJobs: async () => ({ jobs: [{ job_id: '019-a' }, { job_id: '019-b' }] as never }) }),
    );
    const ref = { type: 'ref/resource', uri: 'snow://jobs/{id}/result' } as const;
    expect(await client.complete(ref, { name: 'id', value: '019-b' })).toEqual(['019-b']);
  });
});

describe('names of one client', () => {
  it('are not told to another, though both are served by one process', async () => {
    const connection = listenFor((label) => catalog([`OF_${label.split('@')[0]}`]).gateway);
    const [, connect] = ERAS[0];
    for (const name of ['ANN', 'BOB']) {
      const client = await connect(connection(), name);
      expect(await client.complete(EXPLORE, { name: 'database', value: 'of' })).toEqual([`OF_${name}`]);
    }
  });
});
