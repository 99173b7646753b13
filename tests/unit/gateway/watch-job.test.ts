import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGateway } from '../../../src/gateway/gateway.js';
import type { Gateway } from '../../../src/gateway/requests.js';
import { openSqliteStore } from '../../../src/store/sqlite/open.js';
import type { Store } from '../../../src/store/store.js';

const ann = { client: 'ann' };
let folder: string;
let store: Store;
let gateway: Gateway;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-snow-watch-'));
  store = await openSqliteStore({ path: join(folder, 'mcp-snow.db') });
  gateway = createGateway({ store, connection: 'local', allow: ['read'], version: 'test' });
});

afterEach(async () => {
  await gateway.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

it('calls back once when the job ends, and not for other jobs', async () => {
  const { job_id } = await gateway.startQuery(ann, { sql: 'select 1' });
  const other = await gateway.startQuery(ann, { sql: 'select 2' });
  const ended = vi.fn();
  await gateway.watchJob(ann, job_id, ended);
  const otherEnded = new Promise<void>((resolve) => void gateway.watchJob(ann, other.job_id, resolve));
  await gateway.jobCancel(ann, other.job_id);
  await otherEnded;
  expect(ended).not.toHaveBeenCalled();
  await gateway.jobCancel(ann, job_id);
  await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1));
});

it('calls back for a job that had ended before', async () => {
  const { job_id } = await gateway.startQuery(ann, { sql: 'select 1' });
  await gateway.jobCancel(ann, job_id);
  await new Promise<void>((resolve) => void gateway.watchJob(ann, job_id, resolve));
});

it('does not call back any more once it was stopped', async () => {
  const { job_id } = await gateway.startQuery(ann, { sql: 'select 1' });
  const ended = vi.fn();
  const stop = await gateway.watchJob(ann, job_id, ended);
  const seen = new Promise<void>((resolve) => void gateway.watchJob(ann, job_id, resolve));
  stop();
  await gateway.jobCancel(ann, job_id);
  await seen;
  expect(ended).not.toHaveBeenCalled();
});

it('knows no job of another client', async () => {
  const { job_id } = await gateway.startQuery(ann, { sql: 'select 1' });
  await expect(gateway.watchJob({ client: 'bob' }, job_id, () => undefined)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});
