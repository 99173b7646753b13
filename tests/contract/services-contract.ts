import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexedText, marksOf } from '../../src/memory/text/marks.js';
import type { Admission } from '../../src/store/job-store.js';
import { CODE_LANE, MEMORY_LANE, pinLane, SERVICES, type Service, serviceOf } from '../../src/store/lane.js';
import type { Store } from '../../src/store/store.js';
import {
  admission,
  admitted,
  claim,
  claimOne,
  FAILURE,
  holdOf,
  LANE,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
  USAGE,
} from './store-harness.js';

const WORKER = '0b5f2c8e-0000-4000-8000-000000000001';
const LANE_OF = { warehouse: LANE, memory: MEMORY_LANE, code: CODE_LANE } as const satisfies Record<Service, string>;
const KIND_OF = { warehouse: 'query', memory: 'memory', code: 'repo-sync' } as const;

/** Statements, memory operations and syncs beside one another: none takes another's places. */
export function servicesContract(makePlace: StoreFactory): void {
  describe('services', () => {
    let clock: TestClock;
    let store: Store;
    const bounds = { maxRunning: 3, maxQueued: 6, maxRunningPerClient: 2, maxQueuedPerClient: 4 };
    storeForEachTest(makePlace, { bounds }, (opened) => {
      ({ clock, store } = opened);
    });

    const of = (service: Service, client = 'ada'): Partial<Admission> => ({
      client,
      kind: KIND_OF[service],
      lane: LANE_OF[service],
    });

    it('have the bounds on what runs each for itself: over all, and for one client', async () => {
      for (const service of SERVICES)
        for (const client of ['ada', 'ada', 'ada', 'ben', 'cat']) await admitted(store, of(service, client));
      for (const service of SERVICES) {
        const lanes = [LANE_OF[service]];
        const claimed = await claim(store, { lanes, slots: 10 });
        expect(claimed).toHaveLength(3);
        expect(claimed.filter(({ job }) => job.client === 'ada').length).toBeLessThanOrEqual(2);
        expect(await claim(store, { lanes, slots: 10 })).toEqual([]);
      }
      expect(await store.stats()).toMatchObject({
        total_active: 9,
        available_slots: 0,
        services: {
          warehouse: { running: 3, waiting: 2 },
          memory: { running: 3, waiting: 2 },
          code: { running: 3, waiting: 2 },
        },
      });
    });

    it('share one claim of all lanes without one taking the slots of another', async () => {
      for (let i = 0; i < 4; i += 1) await admitted(store, of('code', `c${i}`));
      await admitted(store, of('memory'));
      await admitted(store, of('warehouse'));
      const claimed = await claim(store, { lanes: Object.values(LANE_OF), slots: 10 });
      expect(claimed.map(({ job }) => job.lane).sort()).toEqual([CODE_LANE, CODE_LANE, CODE_LANE, LANE, MEMORY_LANE]);
    });

    it('a client at its cap in one goes on in the others', async () => {
      for (let i = 0; i < 3; i += 1) await admitted(store, of('warehouse'));
      expect(await claim(store, { slots: 3 })).toHaveLength(2);
      await admitted(store, of('memory'));
      expect(await claim(store, { lanes: [LANE, MEMORY_LANE], slots: 3 })).toMatchObject([{ job: { kind: 'memory' } }]);
    });

    it('have the bounds on what waits each for itself', async () => {
      for (const service of SERVICES) {
        for (const client of ['ada', 'ada', 'ada', 'ada']) await admitted(store, of(service, client));
        expect(await store.admit(admission(of(service)))).toMatchObject({
          refusal: { code: 'QUEUE_FULL', message: 'The client "ada" has 4 of 4 jobs waiting.' },
        });
        for (const client of ['ben', 'cat']) await admitted(store, of(service, client));
        expect(await store.admit(admission(of(service, 'dan')))).toMatchObject({
          refusal: { code: 'QUEUE_FULL', message: expect.stringContaining('holds 6 of 6 jobs') },
        });
      }
    });

    it('count a lane of one worker with the lane it goes with', async () => {
      await admitted(store, { ...of('memory'), lane: pinLane(MEMORY_LANE, WORKER) });
      await admitted(store, { ...of('code'), lane: pinLane(CODE_LANE, WORKER) });
      await admitted(store, { lane: pinLane(LANE, WORKER) });
      expect((await store.stats()).services).toEqual({
        warehouse: { running: 0, waiting: 1 },
        memory: { running: 0, waiting: 1 },
        code: { running: 0, waiting: 1 },
      });
    });

    it('tell a job’s place by the slots of its own lane', async () => {
      await store.registerWorker({
        id: WORKER,
        pid: 1,
        host: 'here',
        lanes: [LANE, MEMORY_LANE],
        concurrency: 5,
        slots: { [LANE]: 1, [MEMORY_LANE]: 4 },
        heartbeatMs: 60_000,
      });
      expect(await store.listWorkers()).toMatchObject([{ concurrency: 5, slots: { [LANE]: 1, [MEMORY_LANE]: 4 } }]);
      for (const service of ['warehouse', 'memory'] as const) {
        for (let round = 0; round < 3; round += 1) {
          await admitted(store, of(service));
          await store.settle(holdOf(await claimOne(store, { lanes: [LANE_OF[service]] })), SUCCESS);
        }
        for (const client of ['ben', 'cat', 'dan', 'eve']) await admitted(store, of(service, client));
      }
      const waitOf = async (service: Service): Promise<number> => {
        const { jobs } = await store.list({ client: 'eve', kinds: [KIND_OF[service]], limit: 1 });
        return (await store.position(jobs[0]?.id ?? ''))?.estimatedWaitMs ?? Number.NaN;
      };
      expect(await waitOf('warehouse')).toBeGreaterThanOrEqual(2_000);
      expect(await waitOf('memory')).toBeLessThanOrEqual(1_000);
    });

    it('a job that is set back waits without an attempt being counted, and can be cancelled', async () => {
      const id = await admitted(store, { ...of('code'), maxAttempts: 1 });
      for (let round = 0; round < 3; round += 1) {
        const claimed = await claimOne(store, { lanes: [CODE_LANE] });
        expect(claimed.attempt).toBe(1);
        await store.writePage(holdOf(claimed), 0, [['half']]);
        const runAt = round === 2 ? clock.wall + 60_000 : Date.now();
        expect(
          await store.settle(holdOf(claimed), { state: 'scheduled', runAt, uncounted: true, usage: USAGE }),
        ).toEqual({
          settled: true,
          state: round === 2 ? 'scheduled' : 'queued',
        });
        expect(await store.settle(holdOf(claimed), SUCCESS)).toEqual({ settled: false, reason: 'lost' });
      }
      expect(await store.find(id)).toMatchObject({ state: 'scheduled', attempts: 0 });
      expect(await store.cancel(id, 'no more')).toEqual({ outcome: 'cancelled' });
    });

    it('tell what is held beside jobs, of everybody together', async () => {
      const nothing = { count: 0, ready: 0, syncing: 0, files: 0, bytes: 0, indexBytes: 0 };
      expect(await store.holdings()).toEqual({
        memories: { namespaces: 0, count: 0, bytes: 0 },
        repositories: nothing,
      });
      const labels = { tags: [], links: [] };
      for (const client of ['ada', 'ben', 'ben']) {
        const text = `What ${client} knows: ${Math.random()}`;
        const memory = { id: randomUUID(), indexed: indexedText(text), labels, marks: marksOf(text, labels) };
        await store.storeMemory({ client, owner: client, quotas: true }, 'own', memory);
      }
      const { memories } = await store.holdings();
      expect(memories).toMatchObject({ namespaces: 2, count: 3 });
      const kept = await Promise.all(['ada', 'ben'].map(async (client) => (await store.usage(client)).kept.memories));
      expect(memories.bytes).toBe(kept.reduce((sum, bytes) => sum + bytes, 0));
    });

    it('are counted right, whatever becomes of their jobs', { timeout: 60_000 }, async () => {
      const steps = fc.array(
        fc.record({
          service: fc.constantFrom(...SERVICES),
          step: fc.constantFrom('admit', 'claim', 'succeed', 'fail', 'again', 'back', 'cancel'),
          client: fc.constantFrom('ada', 'ben', 'cat'),
        }),
        { maxLength: 40 },
      );
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const here = await makePlace();
          const own = await here.open({ bounds: { ...bounds, maxQueued: 20 } });
          const held: Awaited<ReturnType<typeof claimOne>>[] = [];
          try {
            for (const { service, step, client } of all) {
              const job = held.find((each) => serviceOf(each.job.lane) === service);
              if (step === 'admit') await own.admit(admission(of(service, client)));
              else if (step === 'claim') held.push(...(await claim(own, { lanes: [LANE_OF[service]], slots: 2 })));
              else if (step === 'cancel') {
                const { jobs } = await own.list({ kinds: [KIND_OF[service]], client, limit: 1 });
                if (jobs[0] !== undefined) await own.cancel(jobs[0].id, 'no more');
              } else if (job !== undefined) {
                held.splice(held.indexOf(job), 1);
                const runAt = Date.now() + 60_000;
                await own.settle(
                  holdOf(job),
                  step === 'succeed'
                    ? SUCCESS
                    : step === 'fail'
                      ? { state: 'failed', error: FAILURE, usage: USAGE }
                      : step === 'again'
                        ? { state: 'scheduled', runAt, error: FAILURE, usage: USAGE }
                        : { state: 'scheduled', runAt, uncounted: true, usage: USAGE },
                );
              }
            }
            const { services } = await own.stats();
            for (const service of SERVICES) {
              const { jobs } = await own.list({ kinds: [KIND_OF[service]], limit: 1_000 });
              expect(services[service]).toEqual({
                running: jobs.filter(({ state }) => state === 'running').length,
                waiting: jobs.filter(({ state }) => state === 'queued' || state === 'scheduled').length,
              });
            }
          } finally {
            await own.close();
            await here.remove();
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}
