import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { memoryFilter } from '../../src/memory/memory-filter.js';
import { contentOf } from '../../src/memory/stored-memory.js';
import { searchTerms } from '../../src/memory/text/search-terms.js';
import { newJobId } from '../../src/store/job-id.js';
import type { MemoryAsker, MemoryFilter, NamespaceChoice } from '../../src/store/memory-store.js';
import type { Store } from '../../src/store/store.js';
import { type StoreFactory, type StorePlace, TestClock } from './store-harness.js';

const asker = (client: string): MemoryAsker => ({ client, owner: client, quotas: true });

interface Labels {
  readonly id?: string;
  readonly tags?: readonly string[];
  readonly links?: readonly string[];
  readonly source?: string;
  readonly expiresAt?: number;
  readonly createdAt?: number;
  readonly operation?: string;
}

/** What is stored is found by those who may find it, in the order that ranking says, and by nobody else. */
export function memoriesContract(makePlace: StoreFactory): void {
  describe('memories', () => {
    const clock = new TestClock();
    let place: StorePlace;
    let store: Store;
    // Nobody sees what others store, so all tests share one store, each with clients of its own.
    let tests = 0;
    let ada: MemoryAsker;
    let bob: MemoryAsker;

    beforeEach(() => {
      tests += 1;
      ada = asker(`ada ${tests}`);
      bob = asker(`bob ${tests}`);
    });
    beforeAll(async () => {
      place = await makePlace();
      store = await place.open({ now: () => clock.wall, monotonicNow: () => clock.monotonic });
    });
    afterAll(async () => {
      await store.close();
      await place.remove();
    });

    const put = async (who: MemoryAsker, text: string, labels: Labels = {}, where: NamespaceChoice = 'own') => {
      const { id = newJobId(), expiresAt, createdAt, operation, ...rest } = labels;
      return await store.storeMemory(who, where, {
        id,
        ...contentOf(text, rest),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(createdAt !== undefined && { createdAt }),
        ...(operation !== undefined && { operation }),
      });
    };
    const find = async (
      who: MemoryAsker,
      question: string,
      {
        where = 'all',
        limit = 20,
        offset = 0,
        ...filter
      }: MemoryFilter & {
        readonly where?: NamespaceChoice;
        readonly limit?: number;
        readonly offset?: number;
      } = {},
    ) => await store.searchMemories(who, where, { ...searchTerms(question), ...filter, limit, offset });
    const texts = async (...args: Parameters<typeof find>) =>
      (await find(...args)).hits.map(({ memory }) => memory.text);

    describe('searching', () => {
      test('finds words in any form, phrases, beginnings, and leaves out what is not wanted', async () => {
        await put(ada, 'Orders are loaded every night');
        await put(ada, 'The amount of an order is in cents');
        await put(ada, 'Invoices: amount in dollars');
        expect(await texts(ada, 'ordering')).toHaveLength(2);
        expect(await texts(ada, 'ORDER amounts')).toEqual(['The amount of an order is in cents']);
        expect(await texts(ada, '"amount in"')).toEqual(['Invoices: amount in dollars']);
        expect(await texts(ada, 'inv*')).toEqual(['Invoices: amount in dollars']);
        expect(await texts(ada, 'amount -cents')).toEqual(['Invoices: amount in dollars']);
        expect(await texts(ada, 'amount -"in dollars"')).toEqual(['The amount of an order is in cents']);
      });

      test('answers those with some of the words, and says so, where none has all', async () => {
        await put(ada, 'Orders are loaded every night');
        const { hits, matched } = await find(ada, 'orders zebra');
        expect([hits.length, matched]).toEqual([1, 'any']);
        expect((await find(ada, 'orders night')).matched).toBe('all');
        expect((await find(ada, 'zebra unicorn')).hits).toEqual([]);
      });

      test('ranks the rarer word, the more frequent one and the shorter text higher', async () => {
        await put(ada, 'cents');
        await put(ada, 'cents cents cents of the customer who pays in cents');
        await put(ada, 'the customer pays after a long while and much talk, in cents or else');
        for (let n = 0; n < 10; n += 1) await put(ada, `the customer number ${n}`);
        const [first, , third] = await texts(ada, 'cents');
        expect(first).toMatch(/^cents/);
        expect(third).toMatch(/^the customer pays/);
        const any = await texts(ada, 'cents customer zebra');
        expect(any[0]).toMatch(/^cents cents/);
      });

      test('scores as the formula of BM25 says, over the namespace alone', async () => {
        const all = ['red red blue', 'red green', 'green green green blue yellow'];
        for (const text of all) await put(ada, text);
        for (let n = 0; n < 30; n += 1) await put(bob, `red green ${n}`);
        const words = all.map((text) => text.split(' '));
        const average = words.flat().length / words.length;
        const expected = (word: string, index: number): number => {
          const having = words.filter((each) => each.includes(word)).length;
          const idf = Math.log(1 + (words.length - having + 0.5) / (having + 0.5));
          const frequency = (words[index] ?? []).filter((each) => each === word).length;
          const norm = 1.2 * (1 - 0.75 + (0.75 * (words[index]?.length ?? 0)) / average);
          return (idf * frequency * 2.2) / (frequency + norm);
        };
        const { hits } = await find(ada, 'green');
        expect(hits).toHaveLength(2);
        for (const { memory, score } of hits)
          expect(score).toBeCloseTo(expected('green', all.indexOf(memory.text)), 10);
      });

      test('filters by tags, links, source and time', async () => {
        const now = clock.wall;
        await put(ada, 'note one', { tags: ['Money', 'units'], links: ['db.sales.orders'], source: 'Wiki' });
        await put(ada, 'note two', { tags: ['money'], links: ['db.sales'], createdAt: now - 86_400_000 });
        await put(ada, 'note three', { tags: ['dates'], links: ['other.x.y'] });
        const by = async (given: Parameters<typeof memoryFilter>[0]) =>
          (await texts(ada, 'note', await memoryFilter(given, now, 'UTC'))).sort();
        expect(await by({ tags: ['money'] })).toEqual(['note one', 'note two']);
        expect(await by({ tags: ['money', 'units'] })).toEqual(['note one']);
        expect(await by({ tags: ['units', 'dates'], tag_match: 'any' })).toEqual(['note one', 'note three']);
        expect(await by({ link: 'DB' })).toEqual(['note one', 'note two']);
        expect(await by({ link: 'db.sales.orders' })).toEqual(['note one', 'note two']);
        expect(await by({ link: 'db.sales.customers' })).toEqual(['note two']);
        expect(await by({ link: '"db".sales.orders' })).toEqual([]);
        expect(await by({ source: 'wiki' })).toEqual(['note one']);
        expect(await by({ when: 'yesterday' })).toEqual(['note two']);
        expect(await by({ since: new Date(now).toISOString() })).toEqual(['note one', 'note three']);
      });

      test('pages without gaps and without repeating', async () => {
        for (let n = 0; n < 25; n += 1) await put(ada, `page number ${n}`);
        const seen: string[] = [];
        for (let offset = 0; ; offset += 10) {
          const { hits, more } = await find(ada, 'page', { limit: 10, offset });
          seen.push(...hits.map(({ memory }) => memory.id));
          if (!more) break;
        }
        expect(new Set(seen).size).toBe(25);
        expect(seen).toHaveLength(25);
      });

      test('answers any text, whatever syntax it has for others', async () => {
        await put(ada, 'NEAR(a b, 3) OR "quoted" AND col: ^x * + - {1.word/2} @tag #x');
        const nasty = [
          '"',
          '""',
          '*',
          '-',
          'NEAR(',
          'a OR',
          'AND',
          'text:x',
          '^a',
          '{',
          "'; drop table memories;--",
          '\u0000',
          '\ud800',
          '1.word',
          '-"',
          '"-*',
          '𝕏*',
        ];
        for (const question of nasty) {
          const { terms, not } = searchTerms(question);
          if (terms.length > 0) await find(ada, question);
          else await store.listMemories(ada, 'all', { not, limit: 5 });
        }
        await fc.assert(
          fc.asyncProperty(
            fc.string({ unit: 'binary', maxLength: 40 }),
            fc.string({ maxLength: 30 }),
            async (text, question) => {
              if (text.trim() !== '') await put(ada, text);
              const { terms, not } = searchTerms(question);
              if (terms.length > 0) await find(ada, question);
              else await store.listMemories(ada, 'all', { not, limit: 5 });
            },
          ),
          { numRuns: 60 },
        );
        expect((await store.memoryHealth(ada, 'own')).every(({ indexed }) => indexed)).toBe(true);
      });
    });

    describe('storing', () => {
      test('knows a text again however its white space is, and names what says the same', async () => {
        const first = await put(ada, 'Amounts are in cents.');
        const again = await put(ada, '  Amounts are\n in cents. ');
        const alike = await put(ada, 'amounts ARE in cents');
        const id = first.stored ? first.memory.id : '';
        expect(again).toMatchObject({ stored: false, duplicate: { id } });
        expect(alike).toMatchObject({ stored: true, similar: [id] });
        expect((await put(bob, 'Amounts are in cents.')).stored).toBe(true);
        expect(await store.alikeMemories(ada, 'own', 10)).toEqual({ ids: [id], more: false });
      });

      test('a second attempt of its job finds it done', async () => {
        const id = newJobId();
        await put(ada, 'once', { id, operation: 'job-1' });
        expect(await put(ada, 'once', { id, operation: 'job-1' })).toMatchObject({ stored: true, memory: { id } });
        expect((await store.listMemories(ada, 'own', { limit: 5 })).memories).toHaveLength(1);
      });

      test('is over at its time, at once and for everybody, and then deleted', async () => {
        await put(ada, 'short lived', { expiresAt: clock.wall + 1_000 });
        await put(ada, 'long lived');
        expect(await texts(ada, 'lived')).toHaveLength(2);
        clock.advance(1_000);
        expect(await texts(ada, 'lived')).toEqual(['long lived']);
        expect((await store.listMemories(ada, 'own', { limit: 5 })).memories).toHaveLength(1);
        expect((await put(ada, 'short lived')).stored).toBe(true);
        expect(await store.nextWakeAt()).toBeLessThanOrEqual(clock.wall);
        expect(await store.sweep()).toMatchObject({ memoriesDeleted: 1 });
        expect(await store.memoryHealth(ada, 'own')).toMatchObject([{ memories: 2, expired: 0, indexed: true }]);
      });

      test('is changed by whoever has seen its version, and found by what it says now', async () => {
        const stored = await put(ada, 'amounts are in dollars');
        if (!stored.stored) throw new Error('not stored');
        const { id } = stored.memory;
        const content = { id, ...contentOf('amounts are in cents', { tags: ['money'] }), operation: 'job-2' };
        expect(await store.updateMemory(ada, 'own', 1, content)).toMatchObject({ version: 2, tags: ['money'] });
        expect(await store.updateMemory(ada, 'own', 1, content)).toMatchObject({ version: 2 });
        await expect(store.updateMemory(ada, 'own', 1, { ...content, operation: 'job-3' })).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining('version 2'),
        });
        expect(await texts(ada, 'dollars')).toEqual([]);
        expect(await texts(ada, 'cents')).toEqual(['amounts are in cents']);
        await expect(store.updateMemory(bob, 'own', 2, content)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      });

      test('bytes are counted exactly, and kept within the owner’s quota', async () => {
        await store.setQuota(
          { client: ada.client },
          { class: 'all', metric: 'stored_mb', period: 'now', limit: 0.001 },
        );
        const text = 'é'.repeat(100);
        await put(ada, text, { tags: ['x'] });
        const [own] = await store.readableNamespaces(ada);
        expect(own?.bytes).toBe(200 + '["x"]'.length + '[]'.length);
        await expect(put(ada, 'word '.repeat(300))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
        expect(await store.readableNamespaces(ada)).toEqual([own]);
        expect((await put({ ...ada, quotas: false }, 'word '.repeat(300))).stored).toBe(true);
      });
    });

    describe('lists', () => {
      test('give the newest first, in pages that new memories do not move', async () => {
        const times = [5, 3, 9, 1, 7].map((n) => clock.wall - n * 1_000);
        for (const createdAt of times) await put(ada, `at ${createdAt}`, { createdAt });
        const first = await store.listMemories(ada, 'own', { limit: 2 });
        await put(ada, 'newer');
        const rest = await store.listMemories(ada, 'own', { limit: 10, ...(first.next && { after: first.next }) });
        const seen = [...first.memories, ...rest.memories].map(({ createdAt }) => createdAt);
        expect(seen).toEqual([...times].sort((one, other) => other - one));
        expect(rest.next).toBeUndefined();
      });

      test('delete what a selection holds', async () => {
        for (let n = 0; n < 5; n += 1) await put(ada, `to go ${n}`, { tags: ['old'] });
        await put(ada, 'to stay');
        const filter = await memoryFilter({ tags: ['OLD'] }, clock.wall, 'UTC');
        const { ids, more } = await store.selectMemories(ada, 'own', filter, 10);
        expect([ids.length, more]).toEqual([5, false]);
        expect(await store.deleteMemories(bob, 'own', ids)).toBe(0);
        expect(await store.deleteMemories(ada, 'own', ids)).toBe(5);
        expect(await store.deleteMemories(ada, 'own', ids)).toBe(0);
        expect(await texts(ada, 'to')).toEqual(['to stay']);
        expect(await store.memoryHealth(ada, 'own')).toMatchObject([{ memories: 1, indexed: true }]);
      });
    });

    describe('namespaces', () => {
      const team = { shared: 'finance' };
      afterEach(() => store.removeNamespace('finance'));

      test('are read and written by those they are granted to, by themselves or their group', async () => {
        await store.addNamespace({ name: 'finance', kind: 'team' });
        await store.grantNamespace('finance', { to: { client: ada.client }, write: true });
        await store.saveClient(bob.client, { group: 'analysts' });
        await store.grantNamespace('finance', { to: { group: 'analysts' }, write: false });
        await put(ada, 'budgets are yearly', {}, team);
        await put(ada, 'my own budgets');
        expect(await texts(bob, 'budget')).toEqual(['budgets are yearly']);
        expect((await texts(ada, 'budget')).sort()).toEqual(['budgets are yearly', 'my own budgets']);
        expect(await texts(ada, 'budget', { where: 'own' })).toEqual(['my own budgets']);
        await expect(put(bob, 'mine', {}, team)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
        expect(await store.revokeNamespace('finance', { group: 'analysts' })).toBe(true);
        expect(await texts(bob, 'budget')).toEqual([]);
      });

      test('that are not there and that are not granted answer the same', async () => {
        await store.addNamespace({ name: 'finance', kind: 'team' });
        const asked = [
          (name: string) => find(bob, 'x', { where: { shared: name } }),
          (name: string) => store.listMemories(bob, { shared: name }, { limit: 5 }),
          (name: string) => put(bob, 'x', {}, { shared: name }),
          (name: string) => store.deleteMemories(bob, { shared: name }, [newJobId()]),
          (name: string) => store.memoryHealth(bob, { shared: name }),
        ];
        for (const ask of asked) {
          const told = await Promise.all(
            ['finance', 'nowhere'].map((name) =>
              ask(name).then(
                () => 'nothing',
                (failure) => failure.data,
              ),
            ),
          );
          const [there, absent] = told.map((each) => JSON.stringify(each).replace(/finance|nowhere/g, 'NAME'));
          expect(there).toContain('NOT_FOUND');
          expect(there).toBe(absent);
        }
      });

      test('have names of their own', async () => {
        await store.addNamespace({ name: 'finance', kind: 'team' });
        for (const name of ['finance', 'own', 'all', '', ' x', 'a\u202eb'])
          await expect(store.addNamespace({ name, kind: 'team' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
        await expect(store.addNamespace({ name: 'x', kind: 'team', owner: 'nobody' })).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
      });

      test('vanish at once when they are removed, and with their client, and leave nothing', async () => {
        await store.addNamespace({ name: 'finance', kind: 'project' });
        await store.grantNamespace('finance', { to: { client: bob.client }, write: true });
        await store.sweep();
        await store.saveClient(ada.client, {});
        for (let n = 0; n < 120; n += 1) await put(bob, `shared ${n}`, {}, team);
        await put(ada, 'of ada');
        expect(await store.removeNamespace('finance')).toBe(120);
        await store.removeClient(ada.client);
        expect(await texts(bob, 'shared')).toEqual([]);
        await store.saveClient(ada.client, {});
        expect(await texts(ada, 'ada')).toEqual([]);
        expect(await store.sweep()).toMatchObject({ memoriesDeleted: 121 });
        await store.addNamespace({ name: 'finance', kind: 'team' });
        expect(await store.listNamespaces()).toContainEqual(
          expect.objectContaining({ name: 'finance', memories: 0, bytes: 0, grants: [] }),
        );
      });
    });

    test('no answer depends on what others store', async () => {
      await store.addNamespace({ name: 'others', kind: 'team' });
      await store.grantNamespace('others', { to: { client: bob.client }, write: true });
      const own = ['red apple pie', 'red green apple', 'green tea', 'the red red tea of apples', 'apple'];
      for (const [index, text] of own.entries())
        await put(ada, text, { createdAt: clock.wall - index * 1_000, tags: ['t'] });
      const questions = ['apple', 'red apple', 'tea -green', 'app*', '"red apple"', 'apple zebra', 'pie tea'];
      const everything = async (): Promise<string> => {
        const answers: unknown[] = [];
        for (const question of questions) answers.push(await find(ada, question));
        answers.push(await find(ada, 'apple', { offset: 1, limit: 2 }));
        answers.push(await store.listMemories(ada, 'all', { limit: 2 }));
        answers.push(
          await store.listMemories(
            ada,
            'all',
            await memoryFilter({ tags: ['t'] }, clock.wall, 'UTC').then((filter) => ({ ...filter, limit: 3 })),
          ),
        );
        answers.push(await store.memoryHealth(ada, 'all'), await store.readableNamespaces(ada));
        answers.push(await store.alikeMemories(ada, 'own', 5), await put(ada, ' red  apple pie'));
        return JSON.stringify(answers);
      };
      const before = await everything();
      const word = fc.constantFrom('red', 'apple', 'apples', 'green', 'tea', 'pie', 'zebra', 'app', 'unicorn');
      const act = fc.record({
        who: fc.constantFrom('bob', 'cid', 'others'),
        text: fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(' ')),
        deletes: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 15 }), async (acts) => {
          for (const { who, text, deletes } of acts) {
            const where: NamespaceChoice = who === 'others' ? { shared: 'others' } : 'own';
            const by = asker(who === 'cid' ? 'cid' : bob.client);
            const outcome = await put(by, text, { tags: ['t'], id: newJobId() }, where);
            if (deletes && outcome.stored) await store.deleteMemories(by, where, [outcome.memory.id]);
          }
          expect(await everything()).toBe(before);
        }),
        { numRuns: 12 },
      );
    });

    test('counts never drift from what is there', async () => {
      const act = fc.oneof(
        fc.record({ kind: fc.constant('put' as const), text: fc.string({ minLength: 1, maxLength: 50 }) }),
        fc.record({ kind: fc.constant('update' as const), text: fc.string({ minLength: 1, maxLength: 50 }) }),
        fc.record({ kind: fc.constant('delete' as const), text: fc.constant('') }),
        fc.record({ kind: fc.constant('expire' as const), text: fc.string({ minLength: 1, maxLength: 9 }) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
          for (const { kind, text } of acts) {
            const { memories } = await store.listMemories(ada, 'own', { limit: 1 });
            const [there] = memories;
            const said = text.trim() === '' ? 'blank' : text;
            if (kind === 'put') await put(ada, said, { tags: [said.slice(0, 3)] });
            if (kind === 'expire') await put(ada, said, { expiresAt: clock.wall + 1_000 });
            if (kind === 'delete' && there) await store.deleteMemories(ada, 'own', [there.id]);
            if (kind === 'update' && there)
              await store
                .updateMemory(ada, 'own', there.version, { id: there.id, ...contentOf(said, {}) })
                .catch((failure) => expect(failure.code).toBe('INVALID_ARGUMENT'));
          }
          clock.advance(2_000);
          await store.sweep();
          const { memories } = await store.listMemories(ada, 'own', { limit: 1_000 });
          const bytes = memories.reduce(
            (sum, { text, tags, links }) =>
              sum +
              Buffer.byteLength(text) +
              Buffer.byteLength(JSON.stringify(tags)) +
              Buffer.byteLength(JSON.stringify(links)),
            0,
          );
          const [health] = await store.memoryHealth(ada, 'own');
          if (health === undefined) expect(memories).toEqual([]);
          else expect(health).toMatchObject({ memories: memories.length, bytes, expired: 0, indexed: true });
        }),
        { numRuns: 15 },
      );
    });
  });
}
