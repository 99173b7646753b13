import { describe, expect, it } from 'vitest';
import { queryPayload } from '../../../src/cli/enqueue.js';

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
  ])('is refused as %s', (text, what) => {
    expect(() => queryPayload(text)).toThrow(what);
  });
});
