import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkFlagSetting,
  decide,
  decideAll,
  FLAG_NAMES,
  FLAGS,
  type FlagRule,
  flagNamed,
  flagsOfPhase,
  placeOf,
} from '../../../src/config/flags.js';

const rule = (scope: FlagRule['scope'], on: boolean, flag = 'job-queue'): FlagRule => ({ flag, scope, on });

const name = fc.string({ minLength: 1, maxLength: 20 });
const clientFlag = fc.constantFrom('client-sessions' as const, 'job-queue' as const);

describe('flags', () => {
  it('are on without a setting, where this version has the on side', () => {
    for (const flag of FLAG_NAMES) expect(decide(flag, { client: 'ann' }, [])).toBe(FLAGS[flag].built);
    expect(decideAll({ client: 'ann' }, [])).toEqual(
      Object.fromEntries(FLAG_NAMES.map((flag) => [flag, FLAGS[flag].built])),
    );
  });

  it('take the narrowest setting, in whatever order they are stored', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          [
            rule('all', false),
            rule({ percentage: 100 }, true),
            rule({ group: 'g' }, false),
            rule({ client: 'ann' }, true),
          ],
          { minLength: 4, maxLength: 4 },
        ),
        fc.integer({ min: 0, max: 3 }),
        (rules, leave) => {
          const order = ['client', 'group', 'percentage', 'all'];
          const of = ({ scope }: FlagRule) => order.indexOf(scope === 'all' ? scope : (Object.keys(scope)[0] ?? ''));
          const left = rules.filter((each) => of(each) >= leave);
          const expected = left.find((each) => of(each) === leave)?.on;
          expect(decide('job-queue', { client: 'ann', group: 'g' }, left)).toBe(expected);
        },
      ),
    );
  });

  it('leave alone those a setting is not for', () => {
    const rules = [rule({ client: 'bob' }, false), rule({ group: 'h' }, false), rule({ percentage: 0 }, false)];
    expect(decide('job-queue', { client: 'ann', group: 'g' }, rules)).toBe(true);
    expect(decide('job-queue', { client: 'ann' }, rules)).toBe(true);
    expect(decide('client-sessions', { client: 'bob', group: 'h' }, rules)).toBe(true);
    expect(decide('job-queue', { client: 'bob' }, rules)).toBe(false);
  });

  it('ignore narrower settings where a flag is of the whole system', () => {
    expect(decide('fair-queue', { client: 'ann' }, [rule({ client: 'ann' }, false, 'fair-queue')])).toBe(true);
    expect(decide('fair-queue', { client: 'ann' }, [rule('all', false, 'fair-queue')])).toBe(false);
  });

  it('never lose a client when a percentage grows', () => {
    fc.assert(
      fc.property(
        clientFlag,
        name,
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (flag, client, one, other) => {
          const at = (percentage: number) =>
            decide(flag, { client }, [rule('all', false, flag), rule({ percentage }, true, flag)]);
          if (at(Math.min(one, other))) expect(at(Math.max(one, other))).toBe(true);
          expect(at(0)).toBe(false);
          expect(at(100)).toBe(true);
        },
      ),
    );
  });

  it('spread clients evenly, differently for each flag', () => {
    const clients = Array.from({ length: 4_000 }, (_, number) => `client-${number}`);
    const share = (flag: 'job-queue' | 'client-sessions') =>
      new Set(clients.filter((client) => placeOf(flag, client) < 25));
    const jobQueue = share('job-queue');
    const sessions = share('client-sessions');
    expect(jobQueue.size / clients.length).toBeCloseTo(0.25, 1);
    const both = [...jobQueue].filter((client) => sessions.has(client)).length;
    expect(both / clients.length).toBeCloseTo(0.0625, 1);
    expect(placeOf('job-queue', 'client-1')).toBe(placeOf('job-queue', 'client-1'));
  });

  it('are refused by name, scope and percentage, with what to do', () => {
    expect(() => flagNamed('nope')).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ hint: expect.stringContaining('fair-queue') }) }),
    );
    for (const [flag, scope] of [
      ['fair-queue', { client: 'ann' }],
      ['job-queue', { percentage: 100.1 }],
      ['job-queue', { percentage: -1 }],
      ['job-queue', { group: '' }],
    ] as const)
      expect(() => checkFlagSetting(flag, scope, true)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => checkFlagSetting('distributed-store', 'all', true)).toThrow(/not in this version/);
    checkFlagSetting('distributed-store', 'all', false);
    checkFlagSetting('distributed-store', 'all', null);
  });

  it('belong to one phase each', () => {
    expect(([1, 2, 3, 4, 5] as const).flatMap(flagsOfPhase).sort()).toEqual([...FLAG_NAMES].sort());
  });
});
