import { expect, it } from 'vitest';
import { whileMemoryIsShort } from '../../../src/local/engine/short-of-memory.js';

const outOfMemory = () => new Error('Out of Memory Error: could not allocate block');

it('runs a query again that failed at once for want of memory, and no other', async () => {
  const { signal } = new AbortController();
  const attempts: string[] = [];
  const recover = async () => void attempts.push('recovered');
  const failing = (errors: Error[]) => async () => {
    attempts.push('run');
    const error = errors.shift();
    if (error !== undefined) throw error;
    return 'rows';
  };
  expect(await whileMemoryIsShort(signal, recover, failing([outOfMemory()]))).toBe('rows');
  expect(attempts).toEqual(['run', 'recovered', 'run']);
  attempts.length = 0;
  await expect(whileMemoryIsShort(signal, recover, failing([new Error('Binder Error')]))).rejects.toThrow('Binder');
  expect(attempts).toEqual(['run']);
});

it('gives up when it is cancelled', async () => {
  const controller = new AbortController();
  const run = async () => {
    controller.abort();
    throw outOfMemory();
  };
  await expect(whileMemoryIsShort(controller.signal, async () => undefined, run)).rejects.toThrow('Out of Memory');
});
