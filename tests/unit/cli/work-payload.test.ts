import { describe, expect, it } from 'vitest';
import { listingPayload, queryPayload } from '../../../src/cli/work-payload.js';

describe('the payload of enqueue query', () => {
  it('is SQL text, or an object with it', () => {
    expect(queryPayload('select 1')).toEqual({ sql: 'select 1' });
    expect(queryPayload(' {"sql": "select ?", "binds": [1, null]}')).toEqual({ sql: 'select ?', binds: [1, null] });
  });

  it.each([
    ['{"sql": ', /no JSON/],
    ['{"binds": []}', /"sql"/],
    ['{"sql": "select 1", "binds": 5}', /"binds"/],
    ['{"sql": "select 1", "bind": [5]}', /bind/],
    ['{"sql": "select 1", "database": 5}', /"database" is no text/],
    ['{"sql": "select 1", "maxRows": "5"}', /"maxRows" is no number/],
    ['{"sql": "select 1", "constructor": "x"}', /constructor/],
  ])('is refused as %s', (text, what) => {
    expect(() => queryPayload(text)).toThrow(what);
  });
});

describe('the payload of enqueue metadata', () => {
  it('is what to list, or an object with it', () => {
    expect(listingPayload(' databases\n')).toEqual({ subject: 'databases' });
    const wanted = { subject: 'tables', database: 'D', schema: 'S', like: 'A%' };
    expect(listingPayload(JSON.stringify(wanted))).toEqual(wanted);
  });

  it.each([
    ['{"database": "D"}', /"subject"/],
    ['{"subject": "tables", "sql": "select 1"}', /sql/],
    ['{"subject": ["tables"]}', /"subject" is no text/],
  ])('is refused as %s', (text, what) => {
    expect(() => listingPayload(text)).toThrow(what);
  });
});
