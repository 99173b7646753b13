import { DeadEnds } from './dead-ends.js';
import { Op, type Program } from './program.js';

/** Whether a row (counted from 0) may be mapped to a symbol. */
export type RowTest = (row: number, symbol: number) => boolean;

/** How many steps may still be taken; counted down. */
export interface Steps {
  left: number;
}

/**
 * Finds the preferred match that begins at a row of one partition: of the alternatives the first, of the repetitions as many (reluctant: as
 * few) as possible, what stands further left deciding first. A row's symbols do not depend on the match, so a point of the pattern that once
 * led nowhere from a row never will: it is remembered, and all attempts together take time in proportion to rows × pattern plus the rows of
 * the matches found.
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
  #start = 0;
  #at = 0;
  #row = 0;

  constructor(program: Program, rows: number, test: RowTest) {
    this.#program = program;
    this.#rows = rows;
    this.#test = test;
    this.#deadEnds = new DeadEnds(program.splits, rows);
  }

  /** Begins an attempt at a row; rows never go back. */
  begin(start: number): void {
    this.#deadEnds.forgetBefore(start);
    this.#ways.length = 0;
    this.#trail.length = 0;
    this.#start = start;
    this.#at = 0;
    this.#row = start;
  }

  /** Goes on with the attempt; `more` when it is not decided after so many steps. */
  proceed(steps: Steps): 'match' | 'none' | 'more' {
    const { op, symbol, mark, next, other, split } = this.#program;
    const ways = this.#ways;
    const trail = this.#trail;
    let at = this.#at;
    let row = this.#row;
    let { left } = steps;
    let outcome: 'match' | 'none' | 'more' | undefined;
    while (outcome === undefined) {
      if (left <= 0) {
        outcome = 'more';
        break;
      }
      left -= 1;
      let alive = true;
      switch (op[at]) {
        case Op.symbol:
          alive = row < this.#rows && this.#test(row, symbol[at] as number);
          if (!alive) break;
          this.#mark(row - this.#start, mark[at] as number);
          row += 1;
          at = next[at] as number;
          break;
        case Op.split:
          alive = this.#deadEnds.add(split[at] as number, row);
          if (!alive) break;
          trail.push(split[at] as number, row);
          ways.push(other[at] as number, row, trail.length);
          at = next[at] as number;
          break;
        case Op.start:
          alive = row === 0;
          at = next[at] as number;
          break;
        case Op.end:
          alive = row === this.#rows;
          at = next[at] as number;
          break;
        case Op.match:
          outcome = 'match';
          break;
        default:
          alive = false;
      }
      if (alive) continue;
      if (ways.length === 0) {
        outcome = 'none';
        break;
      }
      trail.length = ways.pop() as number;
      row = ways.pop() as number;
      at = ways.pop() as number;
    }
    if (outcome === 'match') this.#keepAlive();
    this.#at = at;
    this.#row = row;
    steps.left = left;
    return outcome;
  }

  /** After a match: the marks of its rows, none for an empty one. It is valid until the next attempt. */
  get path(): Uint16Array {
    return this.#path.subarray(0, this.#row - this.#start);
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
