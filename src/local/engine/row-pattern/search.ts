import { PartitionMatcher } from './matcher.js';
import { compilePattern, type PatternNode, type Program } from './program.js';

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

/** A row's first character, for symbols 0 to 5, is this one plus one bit for each symbol that it may be mapped to; and so on. */
export const NO_SYMBOL = 63;
export const SYMBOLS_IN_CHARACTER = 6;

/** Mark 0 in the path of a match; a mark is the symbol's number twice, plus one where the pattern excludes the row. */
export const FIRST_MARK = 65;

/** What the matches of a partition may have together: a text must hold them. */
const MOST_ROWS = 100_000_000;

export function compileSearch(search: PatternSearch): CompiledSearch {
  return { ...search, program: compilePattern(search.pattern) };
}

/** What goes wrong when the rows are known; `message` begins with Snowflake's number and state. */
export class SearchError extends Error {}

/**
 * The matches in a partition, whose rows are given as one text in their order: `number,row,path` separated by semicolons, where `row` is
 * the first row (counted from 1) and `path` has one character for each row of the match. Undefined when there is none.
 */
export function findMatches(rows: string, search: CompiledSearch): string | undefined {
  const { width, program } = search;
  const count = rows.length / width;
  const matcher = new PartitionMatcher(
    program,
    count,
    (row, symbol) =>
      ((rows.charCodeAt(row * width + Math.trunc(symbol / SYMBOLS_IN_CHARACTER)) - NO_SYMBOL) &
        (1 << (symbol % SYMBOLS_IN_CHARACTER))) !==
      0,
  );
  const found: string[] = [];
  let matched = 0;
  for (let row = 0; row < count; ) {
    const path = matcher.matchAt(row);
    if (path === undefined) {
      row += 1;
      continue;
    }
    matched += path.length + 1;
    if (matched > MOST_ROWS)
      throw new SearchError(
        `100390/22000: MATCH_RECOGNIZE: the matches of one partition have more than ${MOST_ROWS} rows.`,
      );
    found.push(`${found.length + 1},${row + 1},${textOf(path)}`);
    row = next(row, path, search.skip);
  }
  return found.length === 0 ? undefined : found.join(';');
}

const PIECE = 4_096;

function textOf(path: Uint16Array): string {
  if (path.length <= PIECE) return String.fromCharCode(...path.map((mark) => mark + FIRST_MARK));
  let text = '';
  for (let i = 0; i < path.length; i += PIECE) text += textOf(path.subarray(i, i + PIECE));
  return text;
}

/** Where to go on after a match at `row`. An empty match is one of its row. */
function next(row: number, path: Uint16Array, skip: PatternSearch['skip']): number {
  if (!('symbol' in skip)) return row + (skip.to === 'past' ? Math.max(path.length, 1) : 1);
  const isTarget = (mark: number): boolean => mark >>> 1 === skip.symbol;
  const place = skip.to === 'first' ? path.findIndex(isTarget) : path.findLastIndex(isTarget);
  const clause = `AFTER MATCH SKIP TO ${skip.to.toUpperCase()} ${skip.name}`;
  if (place < 0) throw new SearchError(`100391/22000: ${clause}: no row of the match is mapped to the symbol.`);
  if (place === 0) throw new SearchError(`100392/22000: ${clause}: cannot skip to the first row of the match.`);
  return row + place;
}
