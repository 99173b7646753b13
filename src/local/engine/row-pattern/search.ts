import { PartitionMatcher, type Steps } from './matcher.js';
import type { PatternNode } from './pattern-node.js';
import { compilePattern, type Program } from './program.js';

/** A question to `find_matches`, as JSON. */
export interface PatternSearch {
  readonly pattern: PatternNode;
  /** How many characters of the text a row has: one for each six symbols. */
  readonly width: number;
  /** Where the next match may begin: behind this one, at its second row, or at the first or last row of a symbol. */
  readonly skip:
    | { readonly to: 'past' | 'next' }
    | { readonly to: 'first' | 'last'; readonly symbol: number; readonly name: string };
}

/** `PatternSearch` ready for use. */
export interface CompiledSearch extends PatternSearch {
  readonly program: Program;
}

/** What a row without symbols has. Symbols 0 to 5 are added to its first character as bits, 6 to 11 to its second, and so on. */
export const NO_SYMBOL = 63;
export const SYMBOLS_IN_CHARACTER = 6;

/** The first of the marks; they stay below the surrogates of UTF-16. */
export const FIRST_MARK = 65;

/** The character that stands for a row in the path of a match. */
export function markOf(symbol: number, excluded: boolean): number {
  return FIRST_MARK + 2 * symbol + (excluded ? 1 : 0);
}

export function symbolOfMark(mark: number): number {
  return (mark - FIRST_MARK) >>> 1;
}

/** Rows that the matches of a partition may have together: a text must hold them. */
const MOST_ROWS = 100_000_000;

export function compileSearch(search: PatternSearch): CompiledSearch {
  return { ...search, program: compilePattern(search.pattern) };
}

/** Where a search goes on: at a row (from 0), with the number of the next match. */
export interface SearchPlace {
  readonly row: number;
  readonly number: number;
}

/** The search in a partition, whose rows are given as one text in their order. */
export class SearchRun {
  readonly #search: CompiledSearch;
  readonly #count: number;
  readonly #matcher: PartitionMatcher;
  #place: SearchPlace;
  #begun = false;
  #matched = 0;

  constructor(rows: string, search: CompiledSearch, place: SearchPlace = { row: 0, number: 1 }) {
    const { width, program } = search;
    this.#search = search;
    this.#place = place;
    this.#count = rows.length / width;
    this.#matcher = new PartitionMatcher(program, this.#count, (row, symbol) => {
      const character = rows.charCodeAt(row * width + Math.trunc(symbol / SYMBOLS_IN_CHARACTER)) - NO_SYMBOL;
      return (character & (1 << (symbol % SYMBOLS_IN_CHARACTER))) !== 0;
    });
  }

  get place(): SearchPlace {
    return this.#place;
  }

  get done(): boolean {
    return this.#place.row >= this.#count;
  }

  /**
   * Goes on until the steps are used up or the partition ends. Answers the matches found as `number,row,path`: `row` is the first row,
   * counted from 1, and `path` has one character for each row of the match. Throws what `find_matches` is to fail with.
   */
  run(steps: Steps): string[] {
    const found: string[] = [];
    while (!this.done) {
      const { row, number } = this.#place;
      if (!this.#begun) this.#matcher.begin(row);
      const outcome = this.#matcher.proceed(steps);
      this.#begun = outcome === 'more';
      if (outcome === 'more') break;
      if (outcome === 'none') {
        this.#place = { row: row + 1, number };
        continue;
      }
      const { path } = this.#matcher;
      this.#matched += path.length;
      steps.left -= path.length + STEPS_OF_A_MATCH;
      if (this.#matched > MOST_ROWS)
        throw new Error(
          `100390/22000: MATCH_RECOGNIZE: the matches of one partition have more than ${MOST_ROWS} rows.`,
        );
      found.push(`${number},${row + 1},${textOf(path)}`);
      this.#place = { row: nextRow(row, path, this.#search.skip), number: number + 1 };
    }
    return found;
  }
}

/** What it takes to write a match down, beside its rows. */
const STEPS_OF_A_MATCH = 10;

const PIECE = 4_096;

function textOf(path: Uint16Array): string {
  if (path.length <= PIECE) return String.fromCharCode.apply(null, path as unknown as number[]);
  let text = '';
  for (let i = 0; i < path.length; i += PIECE) text += textOf(path.subarray(i, i + PIECE));
  return text;
}

/** Where to go on after a match at `row`. An empty match is one of its row. */
function nextRow(row: number, path: Uint16Array, skip: PatternSearch['skip']): number {
  if (!('symbol' in skip)) return row + (skip.to === 'past' ? Math.max(path.length, 1) : 1);
  const isTarget = (mark: number): boolean => symbolOfMark(mark) === skip.symbol;
  const place = skip.to === 'first' ? path.findIndex(isTarget) : path.findLastIndex(isTarget);
  const clause = `AFTER MATCH SKIP TO ${skip.to.toUpperCase()} ${skip.name}`;
  if (place < 0) throw new Error(`100391/22000: ${clause}: no row of the match is mapped to the symbol.`);
  if (place === 0) throw new Error(`100392/22000: ${clause}: cannot skip to the first row of the match.`);
  return row + place;
}
