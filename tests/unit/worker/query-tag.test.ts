import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queryTagOf } from '../../../src/worker/query-tag.js';

describe('queryTagOf', () => {
  it('names who is behind the statement', () => {
    expect(JSON.parse(queryTagOf({ id: 'j1', client: 'ann', session: 'etl' }))).toEqual({
      app: 'mcp-snow',
      client: 'ann',
      session: 'etl',
      job: 'j1',
    });
  });

  it('is JSON within Snowflake’s limit, however long and odd the names are', () => {
    const name = fc.string({ maxLength: 3_000, unit: 'binary' });
    fc.assert(
      fc.property(name, name, (client, session) => {
        const tag = queryTagOf({ id: 'j1', client, session });
        expect(tag.length).toBeLessThanOrEqual(2_000);
        expect(JSON.parse(tag)).toMatchObject({ app: 'mcp-snow', job: 'j1' });
      }),
    );
  });
});
