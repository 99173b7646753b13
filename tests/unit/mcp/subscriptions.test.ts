import { describe, expect, it, vi } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { Gateway } from '../../../src/gateway/requests.js';
import { ERAS, legacyClient, modernClient } from '../../e2e/mcp-clients.js';
import { listen } from './listen.js';

const uri = (id: string) => `snow://jobs/${id}/result`;

/** A gateway whose jobs end when the test says so. */
function jobs(...ids: readonly string[]) {
  const watchers = new Map<string, () => void>();
  const gateway: Partial<Gateway> = {
    watchJob: async (_caller, id, onEnded) => {
      if (!ids.includes(id)) throw new SnowError({ code: 'NOT_FOUND', message: `There is no job ${id}.` });
      watchers.set(id, onEnded);
      return () => watchers.delete(id);
    },
    getSession: async () => ({ session: 'default', context: {} }),
  };
  return {
    gateway,
    end: (id: string) => watchers.get(id)?.(),
    watched: () => [...watchers.keys()].sort(),
  };
}

describe.each(ERAS)('subscriptions in the %s era', (_era, connect) => {
  it('tell of each result once, when its job ends', async () => {
    const { gateway, end, watched } = jobs('a', 'b', 'c');
    const client = await connect(listen(gateway));
    const told: string[] = [];
    await client.subscribe([uri('a'), uri('b')], (updated) => told.push(updated));
    await vi.waitFor(() => expect(watched()).toEqual(['a', 'b']));
    end('b');
    end('b');
    await vi.waitFor(() => expect(told).toEqual([uri('b')]));
    end('a');
    await vi.waitFor(() => expect(told).toEqual([uri('b'), uri('a')]));
  });

  it('end when the client says so, and with the connection', async () => {
    const { gateway, watched } = jobs('a', 'b');
    const client = await connect(listen(gateway));
    const first = await client.subscribe([uri('a')], () => undefined);
    await client.subscribe([uri('b')], () => undefined);
    await vi.waitFor(() => expect(watched()).toEqual(['a', 'b']));
    await first.close();
    await vi.waitFor(() => expect(watched()).toEqual(['b']));
    await client.close();
    await vi.waitFor(() => expect(watched()).toEqual([]));
  });
});

it('is refused in the legacy era for a job of somebody else, and for what never changes', async () => {
  const client = await legacyClient(listen(jobs().gateway));
  await expect(client.subscribe([uri('foreign')], () => undefined)).rejects.toThrow(/not found/i);
  await expect(client.subscribe(['snow://databases/a/schemas/b/tables/c'], () => undefined)).rejects.toThrow(
    /Results of jobs can be subscribed to/,
  );
});

it('tells nothing in the modern era of a job of somebody else, and goes on for the caller’s own', async () => {
  const { gateway, end, watched } = jobs('a');
  const client = await modernClient(listen(gateway));
  const told: string[] = [];
  await client.subscribe([uri('foreign'), 'snow://nothing', uri('a')], (updated) => told.push(updated));
  await vi.waitFor(() => expect(watched()).toEqual(['a']));
  end('a');
  await vi.waitFor(() => expect(told).toEqual([uri('a')]));
  expect((await client.call('get_session', {})).isError ?? false).toBe(false);
});

it('opens nothing for a client that subscribes to nothing', async () => {
  const listener = listen({});
  const client = await modernClient(listener);
  await client.listTools();
  expect(listener.opened).toEqual([]);
});
