import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code.js';
import { errorLine } from '../../../src/cli/report-error.js';
import { ERROR_CODES } from '../../../src/errors/snow-error.js';

describe('the line of an error', () => {
  it('is one line with what happened, what to do, and when', () => {
    const line = errorLine({
      code: 'QUEUE_FULL',
      message: 'The queue is full:\n  100 of 100.',
      hint: 'Wait for jobs to end.',
      retryAfterMs: 1_200,
    });
    expect(line).toBe('mcp-snow: The queue is full: 100 of 100. Wait for jobs to end. Try again in 2 s.');
  });
});

describe('the exit code', () => {
  it.each([
    ['INVALID_ARGUMENT', 2],
    ['QUEUE_FULL', 3],
    ['RATE_LIMITED', 3],
    ['STATEMENT_NOT_ALLOWED', 3],
    ['NOT_FOUND', 4],
    ['SNOWFLAKE_ERROR', 1],
    ['STORE_UNAVAILABLE', 1],
  ] as const)('of %s is %d', (code, exit) => {
    expect(exitCodeOf(code)).toBe(exit);
  });

  it('is never 0', () => {
    for (const code of ERROR_CODES) expect(exitCodeOf(code)).toBeGreaterThan(0);
  });
});
