import { describe, expect, it, vi } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code.js';
import { Interrupted } from '../../../src/cli/interrupted.js';
import { errorLine, reportError } from '../../../src/cli/report-error.js';
import { ERROR_CODES, SnowError } from '../../../src/errors/snow-error.js';

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

  it('tells a command that was interrupted from a job that was cancelled', () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const interrupted = reportError(new Interrupted('The demo'), { json: false });
    const cancelled = reportError(new SnowError({ code: 'CANCELLED', message: 'no' }), { json: false });
    expect(written.mock.calls[0]).toEqual(['mcp-snow: The demo was interrupted.\n']);
    written.mockRestore();
    expect([interrupted, cancelled]).toEqual([130, 1]);
  });

  it('is never 0', () => {
    for (const code of ERROR_CODES) expect(exitCodeOf(code)).toBeGreaterThan(0);
  });
});
