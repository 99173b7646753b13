import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobRecord, Json } from '../../../src/store/job.js';
import { newJobId } from '../../../src/store/job-id.js';
import type { Admission } from '../../../src/store/job-store.js';
import { openSqliteStore } from '../../../src/store/sqlite/open.js';
import type { Store } from '../../../src/store/store.js';

/** A real store in a folder of its own, and what a worker's tests do with it again and again. */
export class Rig {
  readonly folder: string;
  readonly store: Store;

  static async open(): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-worker-'));
    return new Rig(folder, await openSqliteStore({ path: join(folder, 'queue.db'), bounds: { maxQueued: 1_000 } }));
  }

  constructor(folder: string, store: Store) {
    this.folder = folder;
    this.store = store;
  }

  /** The same file as another process would have it. */
  async another(): Promise<Store> {
    return await openSqliteStore({ path: join(this.folder, 'queue.db'), bounds: { maxQueued: 1_000 } });
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async admit(payload: Json, overrides: Partial<Admission> = {}): Promise<string> {
    const outcome = await this.store.admit({
      id: newJobId(),
      client: 'ann',
      kind: 'query',
      lane: 'local:sql',
      priority: 'normal',
      payload,
      context: {},
      write: false,
      maxAttempts: 5,
      queueTimeoutMs: 60_000,
      flags: {},
      estimateS: 1,
      resultTtlMs: 60_000,
      ...overrides,
    });
    if (!outcome.admitted) throw new Error(outcome.refusal.message);
    return outcome.job.id;
  }

  async job(id: string): Promise<JobRecord> {
    const job = await this.store.find(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    return job;
  }

  /** The job once it is as wanted. */
  async jobWhen(id: string, wanted: (job: JobRecord) => boolean): Promise<JobRecord> {
    let job = await this.job(id);
    await until(
      async () => {
        job = await this.job(id);
        return wanted(job);
      },
      () => `job ${id} is ${job.state} ${JSON.stringify(job.error)}`,
    );
    return job;
  }

  async ended(id: string): Promise<JobRecord> {
    return await this.jobWhen(id, (job) => job.finishedAt !== undefined);
  }
}

/** Waits for a condition, looking every few milliseconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise: () => string = () => 'the condition did not come true',
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${otherwise()} after ${withinMs} ms`);
    await delay(5);
  }
}
