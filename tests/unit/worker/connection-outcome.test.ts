import { describe, expect, it } from 'vitest';
import { type ErrorCode, SnowError } from '../../../src/errors/snow-error.js';
import { LoginRefused } from '../../../src/warehouse/login-refused.js';
import { NoConnection } from '../../../src/warehouse/no-connection.js';
import { SessionLost } from '../../../src/warehouse/session-lost.js';
import { connectionOutcome } from '../../../src/worker/connection-outcome.js';

const data = (code: ErrorCode) => ({ code, message: 'so it was' });

describe('what a failed attempt says about its connection', () => {
  it.each([
    ['a lost connection', new SnowError(data('CONNECTION_FAILED')), false],
    ['an error of the warehouse', new SnowError(data('SNOWFLAKE_ERROR')), true],
    ['a refused login', new LoginRefused(data('CONNECTION_FAILED')), true],
    ['a lost session', new SessionLost(data('CONNECTION_FAILED')), true],
    ['a pool that has none free', new NoConnection(data('CONNECTION_FAILED')), undefined],
    ['a time-out of the statement', new SnowError(data('STATEMENT_TIMEOUT')), undefined],
    ['a cancel', new SnowError(data('CANCELLED')), undefined],
    ['a fault of ours', new TypeError('x is not a function'), undefined],
  ])('%s', (_what, failure, reached) => {
    const expected = reached === undefined ? {} : { connection: { profile: 'local', reached } };
    expect(connectionOutcome('local', failure)).toEqual(expected);
  });
});
