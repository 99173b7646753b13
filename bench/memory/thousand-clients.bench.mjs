// A thousand clients store and search at once, each in a namespace of its own and in one that all share: nothing lost, nothing
// foreign found. On the store itself, without the queue, so that it shows what memories can take.
// 50,000 memories are there before; MCP_SNOW_BENCH=full: 1,000,000 (some minutes to fill).
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentOf } from '../../dist/memory/stored-memory.js';
import { searchTerms } from '../../dist/memory/text/search-terms.js';
import { newJobId } from '../../dist/store/job-id.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';
import { draws, textOf, wordOf } from './texts.mjs';

const THERE = process.env.MCP_SNOW_BENCH === 'full' ? 1_000_000 : 50_000;
const CLIENTS = 1_000;
const ROUNDS = 4;
const AT_ONCE = 500;

const asker = (number) => ({ client: `client-${number}`, owner: `client-${number}`, quotas: false });
const part = (times, share) => times.sort((one, other) => one - other)[Math.floor((times.length - 1) * share)];

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const path = join(folder, 'store.db');
  const store = await openSqliteStore({ path });
  const memoryBefore = process.memoryUsage().rss;
  const draw = draws(7);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  try {
    await store.addNamespace({ name: 'all', kind: 'team' });
    for (let number = 0; number < CLIENTS; number += 1)
      await store.grantNamespace('all', { to: { client: `client-${number}` }, write: true });
    const put = (number, text, where = 'own') =>
      store.storeMemory(asker(number), where, { id: newJobId(), ...contentOf(text, {}) });
    let chars = 0;
    for (let from = 0; from < THERE; from += AT_ONCE)
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_, at) => {
          const text = textOf(draw);
          chars += text.length;
          return put((from + at) % CLIENTS, text);
        }),
      );
    const bytes = (await stat(path)).size;

    const stores = [];
    const searches = [];
    let foreign = 0;
    let lost = 0;
    const timed = async (times, work) => {
      const begun = performance.now();
      const answer = await work();
      times.push(performance.now() - begun);
      return answer;
    };
    const client = async (number) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const own = `mark${number}x${round}`;
        await timed(stores, () => put(number, `${own} ${textOf(draw)}`));
        if (round === 0) await timed(stores, () => put(number, `shared${number} ${textOf(draw)}`, { shared: 'all' }));
        const words = wordOf(Math.floor(draw() * 300));
        const { hits } = await timed(searches, () =>
          store.searchMemories(asker(number), 'own', { ...searchTerms(words), limit: 10, offset: 0 }),
        );
        foreign += hits.filter(({ memory }) => memory.author !== `client-${number}`).length;
        const mine = await timed(searches, () =>
          store.searchMemories(asker(number), 'all', { ...searchTerms(own), limit: 10, offset: 0 }),
        );
        if (mine.hits.length !== 1) lost += 1;
      }
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
    const seconds = (performance.now() - begun) / 1_000;
    const health = await store.memoryHealth(asker(0), { shared: 'all' });
    if (lost + foreign > 0 || health[0]?.memories !== CLIENTS || !health[0].indexed)
      throw new Error(`${lost} lost, ${foreign} foreign, ${health[0]?.memories} shared`);
    const each = (times) => `${[0.5, 0.95, 0.99].map((share) => part(times, share).toFixed(0)).join(' / ')}`;
    return {
      name: 'memory/thousand-clients',
      rows: [
        { figure: 'memories there before', value: THERE },
        {
          figure: 'operations of 1,000 clients at once',
          value: (stores.length + searches.length) / seconds,
          unit: '/s',
        },
        { figure: 'store p50 / p95 / p99', value: each(stores), unit: 'ms', note: 'synchronous=FULL' },
        {
          figure: 'search p50 / p95 / p99',
          value: each(searches),
          unit: 'ms',
          note: 'behind 1,000 others, two threads',
        },
        { figure: 'lost, foreign', value: `${lost}, ${foreign}` },
        { figure: 'file for each MB of text', value: bytes / chars, unit: 'MB' },
        {
          figure: 'memory at peak',
          value: peak / 2 ** 20,
          unit: 'MB',
          note: `${(memoryBefore / 2 ** 20).toFixed(0)} at rest`,
        },
      ],
    };
  } finally {
    clearInterval(watch);
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}
