import { describe, expect, it } from 'vitest';
import { packRows, unpackRows } from '../../../src/store/sqlite/result-pages.js';

describe('result pages', () => {
  it.each([1, 200, 5_000])('of %i rows come back as they were', async (count) => {
    const rows = Array.from({ length: count }, (_, n) => [n, `row ${n}`, null]);
    expect(await unpackRows((await packRows(rows)).data)).toEqual(rows);
  });

  it.each([
    ['another form', Buffer.from([7, 1, 2, 3])],
    ['damaged data', Buffer.from([1, 0xff, 0xff, 0xff])],
    ['a damaged large page', Buffer.concat([Buffer.of(1), Buffer.alloc(8_192, 0xff)])],
    ['text that is no JSON', Buffer.from([0, 0x7b])],
    ['nothing', Buffer.alloc(0)],
  ])('in %s are told as such, with what to do', async (_what, page) => {
    await expect(unpackRows(page)).rejects.toMatchObject({
      data: {
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('another version'),
        hint: expect.stringContaining('again'),
      },
    });
  });
});
