import { describe, expect, it } from 'vitest';
import { connectionsOf, workerPools } from '../../../src/cli/worker-pools.js';
import { areLaneSlots, laneSlotsOf } from '../../../src/config/worker-lanes.js';

const pools = (lanes?: readonly string[]) => workerPools({ lanes, concurrency: 4, queryLane: 'prod:sql' });

describe('the pools of a worker', () => {
  it('are all three lanes where none is named', () => {
    expect(pools()).toEqual([
      { lanes: ['prod:sql'], slots: 4 },
      { lanes: ['memory'], slots: 10 },
      { lanes: ['code'], slots: 3 },
    ]);
  });

  it('are the lanes that are named, with the slots that are named for them', () => {
    expect(pools(['memory:7', 'query', 'eu:sql:2', 'code:1'])).toEqual([
      { lanes: ['memory'], slots: 7 },
      { lanes: ['prod:sql'], slots: 4 },
      { lanes: ['eu:sql'], slots: 2 },
      { lanes: ['code'], slots: 1 },
    ]);
    expect(pools(['memory'])).toEqual([{ lanes: ['memory'], slots: 10 }]);
  });

  it('need connections for statements only', () => {
    expect(connectionsOf(pools(['memory:7', 'query:5', 'eu:sql:2']))).toBe(7);
  });

  it.each([[['memory:0']], [['memory:101']], [['memory:x']], [['memory:']], [['queries']], [['']], [['code', '']]])(
    'refuses %j',
    (lanes) => {
      expect(areLaneSlots(lanes)).toBe(false);
      expect(() => pools(lanes)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );

  it('refuses a lane that is named twice, and none at all', () => {
    expect(() => pools(['memory:1', 'code', 'memory:2'])).toThrow('A lane is named twice: memory:1, code, memory:2.');
    expect(() => pools([])).toThrow('A worker cannot serve ""');
  });

  it('reads the lane of a connection whatever its name is', () => {
    expect(laneSlotsOf('a:b:sql:3')).toEqual({ lane: 'a:b:sql', slots: 3 });
    expect(laneSlotsOf('my prod:sql')).toEqual({ lane: 'my prod:sql' });
  });
});
