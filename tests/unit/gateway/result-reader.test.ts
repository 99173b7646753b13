import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../../src/gateway/result-cursor.js';
import { readResult } from '../../../src/gateway/result-reader.js';
import type { JobRecord, Json } from '../../../src/store/job.js';

function stored(pages: readonly (readonly (readonly Json[])[])[]) {
  const job = { id: 'job-1', resultExpired: false, result: { pageCount: pages.length } } as unknown as JobRecord;
  return { job, store: { readPage: async (_id: string, page: number) => pages[page] } };
}

describe('readResult', () => {
  it('gives every row once and in order, however pages, answers and bytes are cut', async () => {
    const row = fc.tuple(fc.nat(), fc.string({ maxLength: 40 }));
    const pages = fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        pages,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 300 }),
        async (cut, maxRows, maxBytes) => {
          const { job, store } = stored(cut);
          const seen: Json[] = [];
          let cursor: string | undefined;
          do {
            const slice = await readResult(store, job, { cursor, maxRows, maxBytes });
            expect(slice.rows.length).toBeLessThanOrEqual(maxRows);
            if (slice.rows.length > 1)
              expect(JSON.stringify(slice.rows).length - slice.rows.length - 1).toBeLessThanOrEqual(maxBytes);
            // A page that ends in a cursor has rows, or a caller would go round for ever.
            if (slice.nextCursor !== undefined) expect(slice.rows.length).toBeGreaterThan(0);
            seen.push(...slice.rows);
            cursor = slice.nextCursor;
          } while (cursor !== undefined);
          expect(seen).toEqual(cut.flat());
        },
      ),
    );
  });

  it('refuses a cursor of another job, one beyond the end, and nonsense', async () => {
    const { job, store } = stored([[[1]]]);
    for (const cursor of [
      encodeCursor({ job: 'job-2', page: 0, row: 0 }),
      encodeCursor({ job: 'job-1', page: 1, row: 0 }),
      'nonsense',
      '',
    ])
      await expect(readResult(store, job, { cursor, maxRows: 1, maxBytes: 1 })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
  });

  it('says that rows are gone when their time is over', async () => {
    const { job, store } = stored([[[1]]]);
    const expired = { ...job, resultExpired: true };
    await expect(readResult(store, expired, { maxRows: 1, maxBytes: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
