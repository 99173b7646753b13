import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATABASE_BACKOFF } from '../../../src/resilience/backoff.js';
import { type RetryOptions, retry } from '../../../src/resilience/retry.js';
import { RetryBudget } from '../../../src/resilience/retry-budget.js';

/** Runs on a clock of its own that the pauses move on. */
class Course {
  ms = 0;
  readonly pauses: number[] = [];
  tries = 0;

  async run(failures: number, options: Partial<RetryOptions> = {}): Promise<string> {
    return await retry(
      async (attempt) => {
        this.tries += 1;
        expect(attempt).toBe(this.tries);
        if (attempt <= failures) throw new Error(`failure ${attempt}`);
        return `done by ${attempt}`;
      },
      {
        policy: DATABASE_BACKOFF,
        judge: () => 'again',
        random: () => 0.5,
        now: () => this.ms,
        sleep: async (ms) => {
          this.pauses.push(ms);
          this.ms += ms;
        },
        ...options,
      },
    );
  }
}

describe('retry', () => {
  it('tries again with the pauses of the policy until it succeeds', async () => {
    const course = new Course();
    expect(await course.run(3)).toBe('done by 4');
    expect(course.pauses).toEqual([1_000, 2_000, 4_000]);
  });

  it('gives the last failure when the attempts are used up', async () => {
    const course = new Course();
    await expect(course.run(9)).rejects.toThrow('failure 5');
    expect(course.tries).toBe(5);
  });

  it('stops at once after a failure that must not be followed by another try', async () => {
    const course = new Course();
    const judge: RetryOptions['judge'] = (failure) => ((failure as Error).message === 'failure 2' ? 'stop' : 'again');
    await expect(course.run(9, { judge })).rejects.toThrow('failure 2');
  });

  it('waits at least as long as the other side asked for', async () => {
    const course = new Course();
    await course.run(2, {
      judge: (failure) => ({ afterMs: (failure as Error).message === 'failure 1' ? 7_000 : 100 }),
    });
    expect(course.pauses).toEqual([7_000, 2_000]);
  });

  it('begins no pause that would end after the deadline', async () => {
    const course = new Course();
    await expect(course.run(9, { deadline: 6_000 })).rejects.toThrow('failure 3');
    expect(course.pauses).toEqual([1_000, 2_000]);
  });

  it('ends with its signal, in the operation and in a pause', async () => {
    const stopped = new Course();
    await expect(stopped.run(9, { signal: AbortSignal.abort() })).rejects.toThrow('failure 1');
    const abort = new AbortController();
    const paused = retry(() => Promise.reject(new Error('no')), {
      policy: DATABASE_BACKOFF,
      judge: () => ({ afterMs: 60_000 }),
      signal: abort.signal,
    });
    abort.abort();
    await expect(paused).rejects.toThrow('no');
  });

  it('does not let a thousand callers that fail at once storm', async () => {
    const budget = new RetryBudget();
    const courses = Array.from({ length: 1_000 }, () => new Course());
    const ends = await Promise.allSettled(courses.map((course) => course.run(99, { budget })));
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    const tries = courses.reduce((sum, course) => sum + course.tries, 0);
    expect(tries).toBeLessThanOrEqual(1_005);
    expect(tries).toBeGreaterThan(1_000);
  });

  it('keeps to attempts, deadline and budget whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 15, maxLength: 15 }),
        async (attempts, failures, deadline, afterMs) => {
          const course = new Course();
          let judged = 0;
          const judge: RetryOptions['judge'] = () => ({ afterMs: afterMs[judged++] ?? 0 });
          const policy = { ...DATABASE_BACKOFF, attempts };
          await course.run(failures, { policy, judge, deadline }).catch(() => {});
          expect(course.tries).toBeLessThanOrEqual(Math.min(attempts, failures + 1));
          expect(course.ms === 0 || course.ms < deadline).toBe(true);
          course.pauses.forEach((pauseMs, index) => expect(pauseMs).toBeGreaterThanOrEqual(afterMs[index] ?? 0));
        },
      ),
    );
  });
});
