import { DeadEnds } from './dead-ends.js';
import { Op, type Program } from './program.js';

/** Whether a row (counted from 0) may be mapped to a symbol. */
export type RowTest = (row: number, symbol: number) => boolean;

/**
 * Finds the preferred match that begins at a row of one partition: of the alternatives the first, of the repetitions as many (reluctant: as
 * few) as possible, what stands further left deciding first. A row's symbols do not depend on the match, so a point of the pattern at a row that once led nowhere never will:
 * it is remembered, and all attempts together take time in proportion to rows × pattern plus the rows of the matches found.
 */
export class PartitionMatcher {
  readonly #program: Program;
  readonly #rows: number;
  readonly #test: RowTest;
  readonly #deadEnds: DeadEnds;
  /** Ways not taken yet: instruction, row, and how long the trail was. */
  readonly #ways: number[] = [];
  /** Splits on the way to where the attempt stands: number and row. */
  readonly #trail: number[] = [];
  #path = new Uint16Array(64);

  constructor(program: Program, rows: number, test: RowTest) {
    this.#program = program;
    this.#rows = rows;
    this.#test = test;
    this.#deadEnds = new DeadEnds(program.splits);
  }

  /** The marks of the match's rows, empty for an empty match; undefined when none begins here. `start` never goes back. */
  matchAt(start: number): Uint16Array | undefined {
    this.#deadEnds.forgetBefore(start);
    const { op, a, b, split, emptyLoops } = this.#program;
    const ways = this.#ways;
    const trail = this.#trail;
    ways.length = 0;
    trail.length = 0;
    let at = 0;
    let row = start;
    for (;;) {
      let alive = true;
      switch (op[at]) {
        case Op.symbol:
          if (row < this.#rows && this.#test(row, a[at] as number)) {
            this.#mark(row - start, b[at] as number);
            row += 1;
            at += 1;
          } else {
            alive = false;
          }
          break;
        case Op.split:
          if (this.#deadEnds.add(split[at] as number, row)) {
            trail.push(split[at] as number, row);
            ways.push(b[at] as number, row, trail.length);
            at = a[at] as number;
          } else {
            alive = false;
          }
          break;
        case Op.jump:
          at = a[at] as number;
          break;
        case Op.start:
          alive = row === 0;
          at += 1;
          break;
        case Op.end:
          alive = row === this.#rows;
          at += 1;
          break;
        default:
          this.#keepAlive();
          return this.#path.subarray(0, row - start);
      }
      if (alive) continue;
      if (ways.length === 0) return undefined;
      const known = ways.pop() as number;
      row = ways.pop() as number;
      at = ways.pop() as number;
      // Where a loop may go round without a row, a way may have ended only because it met the trail: then all of them are open again after a match.
      if (!emptyLoops) trail.length = known;
    }
  }

  #mark(place: number, mark: number): void {
    if (place === this.#path.length) {
      const longer = new Uint16Array(2 * place);
      longer.set(this.#path);
      this.#path = longer;
    }
    this.#path[place] = mark;
  }

  /** What led to the match is no dead end for a match that begins later. */
  #keepAlive(): void {
    const trail = this.#trail;
    for (let i = 0; i < trail.length; i += 2) this.#deadEnds.remove(trail[i] as number, trail[i + 1] as number);
  }
}
