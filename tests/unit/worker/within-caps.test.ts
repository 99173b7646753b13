import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../../src/store/job.js';
import type { Settlement } from '../../../src/store/job-store.js';
import type { QuotaMetric } from '../../../src/store/usage-store.js';
import { startWorker, type Worker } from '../../../src/worker/worker.js';
import { Rig } from './rig.js';

const USAGE = { executionMs: 10, rows: 2, bytes: 20 };

describe('a job within its client’s quotas', () => {
  let rig: Rig;
  let worker: Worker | undefined;
  let seen: Json[];

  beforeEach(async () => {
    rig = await Rig.open();
    seen = [];
  });
  afterEach(async () => {
    await worker?.stop();
    await rig.close();
  });

  async function work(ends: Settlement): Promise<void> {
    worker = await startWorker({
      store: rig.store,
      lanes: ['local:sql'],
      concurrency: 1,
      handlers: {
        query: {
          async handle(claimed) {
            seen.push(claimed.job.payload);
            return ends;
          },
        },
      },
    });
  }
  const hourly = (metric: QuotaMetric, limit: number) =>
    rig.store.setQuota('default', { class: 'query', metric, period: 'hour', limit });
  const asked = { sql: 'select 1', timeoutMs: 300_000, maxRows: 1_000, maxBytes: 500 };
  const done: Settlement = {
    state: 'succeeded',
    result: { columns: [], rowCount: 0, pageCount: 0, truncated: false },
    usage: USAGE,
  };

  it('is given the time, rows and bytes that are left, and no more than it asked for', async () => {
    await hourly('seconds', 60);
    await hourly('rows', 100);
    await hourly('bytes', 10_000);
    await work(done);
    await rig.ended(await rig.admit(asked));
    await rig.ended(await rig.admit(asked));
    expect(seen).toEqual([
      { sql: 'select 1', timeoutMs: 60_000, maxRows: 100, maxBytes: 500 },
      { sql: 'select 1', timeoutMs: 59_990, maxRows: 98, maxBytes: 500 },
    ]);
  });

  it('is given what it asked for where no quota is set', async () => {
    await work(done);
    await rig.ended(await rig.admit(asked));
    expect(seen).toEqual([asked]);
  });

  it('says that the quota cut its time short, and only then', async () => {
    const error = { code: 'STATEMENT_TIMEOUT', message: 'It took too long.', hint: 'Give it more time.' } as const;
    await hourly('seconds', 60);
    await work({ state: 'failed', error, usage: USAGE });
    const cut = await rig.ended(await rig.admit(asked));
    expect(cut.error?.hint).toContain('60 s');
    const own = await rig.ended(await rig.admit({ ...asked, timeoutMs: 1_000 }));
    expect(own.error).toEqual(error);
  });
});
