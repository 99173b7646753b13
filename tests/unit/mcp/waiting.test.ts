import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { QueryAnswer, WaitOptions } from '../../../src/gateway/requests.js';
import { ERAS } from '../../e2e/mcp-clients.js';
import { listen } from './listen.js';

const DONE: QueryAnswer = {
  job_id: '0199-1',
  state: 'succeeded',
  columns: [],
  rows: [],
  row_count: 0,
  truncated: false,
  queued_ms: 0,
  elapsed_ms: 0,
};

describe.each(ERAS)('a call that waits, in the %s era', (_era, connect) => {
  it('tells its place in the queue, with a value that only grows', async () => {
    const client = await connect(
      listen({
        query: async (_caller, _request, wait) => {
          wait?.onProgress?.({ state: 'queued', ahead: 3, estimatedWaitMs: 1_500 });
          wait?.onProgress?.({ state: 'queued', ahead: 3 });
          wait?.onProgress?.({ state: 'queued', ahead: 4 });
          wait?.onProgress?.({ state: 'queued', ahead: 0 });
          wait?.onProgress?.({ state: 'running', elapsedMs: 20, progress: { done: 7 } });
          return DONE;
        },
      }),
    );
    const told: { progress: number; message?: string | undefined }[] = [];
    await client.call('query', { sql: 'select 1' }, { onprogress: (progress) => told.push(progress) });
    expect(told.map((progress) => progress.message)).toEqual([
      '3 ahead in the queue, about 1.5 s to wait',
      '4 ahead in the queue',
      'next in the queue',
      'running for 0.0 s: 7 rows',
    ]);
    for (let at = 1; at < told.length; at += 1)
      expect(told[at]?.progress).toBeGreaterThan(told[at - 1]?.progress ?? Number.NaN);
  });

  it('is not told of progress it did not ask for', async () => {
    let wait: WaitOptions | undefined;
    const client = await connect(
      listen({
        query: async (_caller, _request, given) => {
          wait = given;
          return DONE;
        },
      }),
    );
    await client.call('query', { sql: 'select 1' });
    expect(wait?.onProgress).toBeUndefined();
  });

  it('hands the client’s cancellation to the gateway', async () => {
    const events = new EventTarget();
    const started = once(events, 'started');
    const cancelled = once(events, 'cancelled');
    const client = await connect(
      listen({
        query: (_caller, _request, wait) => {
          events.dispatchEvent(new Event('started'));
          return new Promise((_resolve, reject) => {
            wait?.signal?.addEventListener('abort', () => {
              events.dispatchEvent(new Event('cancelled'));
              reject(new Error('cancelled'));
            });
          });
        },
      }),
    );
    const abort = new AbortController();
    const call = client.call('query', { sql: 'select 1' }, { signal: abort.signal });
    await started;
    abort.abort();
    await expect(call).rejects.toThrow();
    await cancelled;
  });

  it('takes no abort for a cancellation once it was answered', async () => {
    let signal: AbortSignal | undefined;
    const listener = listen({
      query: async (_caller, _request, wait) => {
        signal = wait?.signal;
        return DONE;
      },
    });
    const client = await connect(listener);
    await client.call('query', { sql: 'select 1' });
    await client.close();
    expect(signal?.aborted).toBe(false);
  });
});
