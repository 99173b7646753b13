import { describe, expect, it } from 'vitest';
import { sessionChange } from '../../../src/worker/session-change.js';

describe('sessionChange', () => {
  it('is nothing when the statement left the context alone', () => {
    expect(sessionChange({ database: 'A', schema: 'S' }, { database: 'A', schema: 'S' }, {})).toBeUndefined();
  });

  it('holds what moved and nothing else, so that a change of another statement stays', () => {
    const before = { database: 'A', schema: 'S', role: 'R' };
    expect(sessionChange(before, { database: 'B', schema: 'PUBLIC', role: 'R' }, { role: 'OTHER' })).toEqual({
      database: 'B',
      schema: 'PUBLIC',
    });
  });

  it('holds database and schema together: a schema of one database is none of another', () => {
    expect(sessionChange({ database: 'A', schema: 'S' }, { database: 'A', schema: 'T' }, { database: 'B' })).toEqual({
      database: 'A',
      schema: 'T',
    });
  });

  it('clears what is gone', () => {
    expect(sessionChange({ database: 'A', schema: 'S' }, {}, {})).toEqual({ database: null, schema: null });
  });

  it('merges parameters into those of the session and unsets them', () => {
    const stored = { parameters: { TIMEZONE: 'UTC', WEEK_START: '1' } };
    expect(sessionChange({}, {}, stored, { TIMEZONE: 'Europe/Berlin', WEEK_START: null })).toEqual({
      parameters: { TIMEZONE: 'Europe/Berlin' },
    });
    expect(sessionChange({}, {}, { parameters: { TIMEZONE: 'UTC' } }, { TIMEZONE: null })).toEqual({
      parameters: null,
    });
  });
});
