import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RowBlock } from '../../../src/local/engine/engine.js';
import { ResultStore, type StoredResult } from '../../../src/local/wire/result-store.js';

let directory: string;
let spool: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'result-store-'));
  spool = join(directory, 'spool');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const LIMITS = { inlineBytes: 100, chunkBytes: 200, keptInlineBytes: 1000, memoryBytes: 500, diskBytes: 5000 };

async function* blocksOf(rows: readonly (string | null)[][], perBlock: number): AsyncGenerator<RowBlock> {
  for (let from = 0; from < rows.length; from += perBlock) {
    const part = rows.slice(from, from + perBlock);
    yield { json: JSON.stringify(part).slice(1, -1), rows: part.length };
  }
}

const rowsOf = (count: number) => Array.from({ length: count }, (_, row) => [String(row), 'ä"x']);

async function readBack(store: ResultStore, result: StoredResult): Promise<unknown[]> {
  const rows = JSON.parse(`[${Buffer.concat(result.inline).toString()}]`) as unknown[];
  for (const index of result.chunks.keys()) {
    const found = store.read(result.secret, index);
    const json = await text(found?.rows as NodeJS.ReadableStream & AsyncIterable<unknown>);
    expect(Buffer.byteLength(json)).toBe(found?.chunk.bytes);
    const chunk = JSON.parse(`[${json}]`) as unknown[];
    expect(chunk).toHaveLength(found?.chunk.rows ?? -1);
    rows.push(...chunk);
  }
  return rows;
}

test('gives back exactly the rows it took, wherever it put them', async () => {
  const store = new ResultStore(spool, LIMITS);
  await fc.assert(
    fc.asyncProperty(fc.nat(150), fc.integer({ min: 1, max: 20 }), async (count, perBlock) => {
      const rows = rowsOf(count);
      const result = await store.collect(blocksOf(rows, perBlock));
      expect(result.totalRows).toBe(count);
      expect(await readBack(store, result)).toEqual(rows);
      store.release(result);
      expect(store.size).toEqual({ inlineBytes: 0, memoryBytes: 0, diskBytes: 0 });
    }),
    { numRuns: 60 },
  );
  await store.close();
});

test('goes to disk when the memory is full, and removes the files', async () => {
  const store = new ResultStore(spool, LIMITS);
  const result = await store.collect(blocksOf(rowsOf(150), 5));
  expect(store.size.memoryBytes).toBeLessThanOrEqual(500);
  expect(store.size.diskBytes).toBeGreaterThan(0);
  expect(readdirSync(spool)).toHaveLength(1);
  expect(await readBack(store, result)).toEqual(rowsOf(150));
  await store.close();
  expect(readdirSync(directory)).toEqual([]);
});

test('the result that nobody has read for longest makes room on disk', async () => {
  const store = new ResultStore(spool, { ...LIMITS, memoryBytes: 0 });
  const first = await store.collect(blocksOf(rowsOf(150), 5));
  const second = await store.collect(blocksOf(rowsOf(150), 5));
  expect(store.read(first.secret, 0)).toBeDefined();
  await store.collect(blocksOf(rowsOf(150), 5));
  await store.collect(blocksOf(rowsOf(20), 5));
  expect([store.isKept(first), store.isKept(second)]).toEqual([true, false]);
  expect(store.read(second.secret, 0)).toBeUndefined();
  expect(store.size.diskBytes).toBeLessThanOrEqual(5000);
  await store.close();
});

test('a result larger than the disk it may use fails with an error that says so', async () => {
  const store = new ResultStore(spool, { ...LIMITS, memoryBytes: 0 });
  const error = await store.collect(blocksOf(rowsOf(1000), 5)).catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'LocalError', message: expect.stringContaining('larger than the 5000 bytes') });
  expect(store.size).toEqual({ inlineBytes: 0, memoryBytes: 0, diskBytes: 0 });
  expect(readdirSync(spool)).toEqual([]);
  await store.close();
});

test('a directory that cannot be written fails with an error that says so', async () => {
  const store = new ResultStore('/proc/nowhere', { ...LIMITS, memoryBytes: 0 });
  const error = await store.collect(blocksOf(rowsOf(150), 5)).catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'LocalError', sqlState: '53100' });
  expect(store.size).toEqual({ inlineBytes: 0, memoryBytes: 0, diskBytes: 0 });
});

test('keeps nothing of a result whose blocks fail', async () => {
  const store = new ResultStore(spool, LIMITS);
  async function* failing(): AsyncGenerator<RowBlock> {
    yield* blocksOf(rowsOf(150), 5);
    throw new Error('no more');
  }
  await expect(store.collect(failing())).rejects.toThrow('no more');
  expect(store.size).toEqual({ inlineBytes: 0, memoryBytes: 0, diskBytes: 0 });
  await store.close();
});

test('small results make room for newer ones; those with chunks stay, for somebody may be reading them', async () => {
  const store = new ResultStore(spool, { ...LIMITS, keptInlineBytes: 150 });
  const large = await store.collect(blocksOf(rowsOf(30), 5));
  const small = [];
  for (let i = 0; i < 4; i += 1) small.push(await store.collect(blocksOf(rowsOf(5), 5)));
  expect(store.isKept(large)).toBe(true);
  expect(small.map((result) => store.isKept(result))).toEqual([false, false, false, true]);
  await store.close();
});
