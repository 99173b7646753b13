import { describe, expect, it } from 'vitest';
import { ReadTurns } from '../../../src/store/sqlite/read-turns.js';

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('turns of reads', () => {
  it('let others run in between when many reads arrive together', async () => {
    const turns = new ReadTurns();
    let done = 0;
    const doneByTurn: number[] = [];
    const watch = (): void => {
      doneByTurn.push(done);
      if (done < 40) setImmediate(watch);
    };
    setImmediate(watch);
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        await turns.begin();
        work(1);
        done += 1;
      }),
    );
    const inOneTurn = doneByTurn.map((count, turn) => count - (doneByTurn[turn - 1] ?? 0));
    expect(done).toBe(40);
    expect(Math.max(...inOneTurn)).toBeLessThan(12);
  });

  it('hold a single read up for nothing', async () => {
    const turns = new ReadTurns();
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await turns.begin();
    expect(turned).toBe(false);
  });
});
