import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { BreakerRecord } from '../../../src/store/breaker-store.js';
import { LoginRefused } from '../../../src/warehouse/login-refused.js';
import { Prober } from '../../../src/worker/prober.js';

const CLOSED: BreakerRecord = {
  profile: 'local',
  state: 'closed',
  mode: 'normal',
  attempts: 0,
  failed: 0,
  changedAt: 0,
  held: false,
  probing: false,
};
const OPEN: BreakerRecord = { ...CLOSED, state: 'open', mode: 'offline', probeInMs: 700 };

let breaker: BreakerRecord;
let looks: number;
let ended: boolean[];
let more: number;
let prober: Prober;

function probing(probe: () => Promise<void>): void {
  prober = new Prober({
    store: {
      breakers: async () => {
        looks += 1;
        return [breaker, { ...OPEN, profile: 'foreign', probeInMs: 0 }];
      },
      takeProbe: async (profile) => {
        expect(profile).toBe('local');
        return breaker.probeInMs === 0;
      },
      endProbe: async (_profile, _holder, reached) => {
        ended.push(reached);
        breaker = reached ? { ...CLOSED, rampMs: 200 } : { ...OPEN, probeInMs: 2_000 };
      },
    },
    holder: 'worker',
    profiles: ['local'],
    probe,
    onMore: () => {
      more += 1;
      breaker = CLOSED;
    },
    onFailure: (failure) => {
      throw failure;
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  breaker = CLOSED;
  looks = 0;
  more = 0;
  ended = [];
});
afterEach(() => {
  prober.stop();
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

describe('the prober', () => {
  it('looks once at a burst of changes, and not at all while nothing changes', async () => {
    probing(async () => {});
    for (let n = 0; n < 100; n += 1) prober.look();
    await pass(60_000);
    expect(looks).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tries when the time has come, and lets jobs start as their number may grow', async () => {
    probing(async () => {});
    breaker = OPEN;
    prober.look();
    await pass(60);
    expect(ended).toEqual([]);
    breaker = { ...OPEN, probeInMs: 0 };
    await pass(700);
    expect(ended).toEqual([true]);
    await pass(200);
    expect(more).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a lost connection for a failure, a refused login for an answer', async () => {
    const data = { code: 'CONNECTION_FAILED', message: 'no' } as const;
    let failure: Error = new SnowError(data);
    probing(() => Promise.reject(failure));
    breaker = { ...OPEN, probeInMs: 0 };
    prober.look();
    await pass(60);
    expect(ended).toEqual([false]);
    failure = new LoginRefused(data);
    breaker = { ...OPEN, probeInMs: 0 };
    await pass(2_000);
    expect(ended).toEqual([false, true]);
  });

  it('gives up a probe that never answers', async () => {
    probing(() => new Promise(() => {}));
    breaker = { ...OPEN, probeInMs: 0 };
    prober.look();
    await pass(9_000);
    expect(ended).toEqual([]);
    await pass(1_100);
    expect(ended).toEqual([false]);
  });

  it('looks again while another one probes, who may be gone', async () => {
    probing(async () => {});
    breaker = { ...CLOSED, state: 'half-open', mode: 'offline', probing: true };
    prober.look();
    await pass(60);
    breaker = { ...OPEN, probeInMs: 0 };
    await pass(1_000);
    expect(ended).toEqual([true]);
  });

  it('does nothing any more once it is stopped', async () => {
    probing(async () => {});
    breaker = { ...OPEN, probeInMs: 500 };
    prober.look();
    await pass(60);
    prober.stop();
    prober.look();
    breaker = { ...OPEN, probeInMs: 0 };
    await pass(5_000);
    expect(ended).toEqual([]);
  });
});
