import { type Code, codeOf, MOST_INSTRUCTIONS, tooLarge } from './pattern-code.js';
import { isNullable, type PatternNode } from './pattern-node.js';

export const Op = { symbol: 0, split: 1, start: 2, end: 3, match: 4, fail: 5 } as const;

/** A pattern as instructions for `PartitionMatcher`, one column per field. It begins at the first; no way leads back to an instruction without a row. */
export interface Program {
  readonly op: Uint8Array;
  readonly symbol: Int32Array;
  readonly mark: Int32Array;
  /** Where to go on; for a split, first. */
  readonly next: Int32Array;
  /** For a split: where to go on when the first way led nowhere. */
  readonly other: Int32Array;
  /** For a split: its number of `splits`. */
  readonly split: Int32Array;
  readonly splits: number;
  /** It may match no row at all. */
  readonly matchesEmpty: boolean;
}

/** A step of the code, and which of the rounds it stands in have had a row. */
interface State {
  readonly at: number;
  readonly rounds: number;
}

/** Throws `RangeError` when the program would be longer than `MOST_INSTRUCTIONS`. */
export function compilePattern(pattern: PatternNode): Program {
  const code = codeOf(pattern);
  const states: State[] = [];
  const numbers = new Map<number, number>();
  const numberOf = ({ at, rounds }: State): number => {
    const state = settled(code, at, rounds);
    const key = state.at * 2 ** 31 + state.rounds;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (states.length >= MOST_INSTRUCTIONS) throw tooLarge();
    numbers.set(key, states.length);
    return states.push(state) - 1;
  };
  numberOf({ at: 0, rounds: 0 });
  const rows: { op: number; symbol: number; mark: number; next: number; other: number; split: number }[] = [];
  let splits = 0;
  for (let i = 0; i < states.length; i++) {
    const { at, rounds } = states[i] as State;
    const step = code[at];
    const row = { op: Op.fail as number, symbol: 0, mark: 0, next: 0, other: 0, split: 0 };
    rows.push(row);
    if (step === undefined) continue;
    switch (step.op) {
      case 'symbol':
        Object.assign(row, { op: Op.symbol, symbol: step.symbol, mark: step.mark });
        row.next = numberOf({ at: at + 1, rounds: rounds | step.rounds });
        break;
      case 'split':
        row.op = Op.split;
        row.split = splits++;
        row.next = numberOf({ at: step.first, rounds });
        row.other = numberOf({ at: step.second, rounds });
        break;
      case 'start':
      case 'end':
        row.op = Op[step.op];
        row.next = numberOf({ at: at + 1, rounds });
        break;
      default:
        row.op = Op.match;
    }
  }
  const column = (field: 'symbol' | 'mark' | 'next' | 'other' | 'split'): Int32Array =>
    Int32Array.from(rows, (row) => row[field]);
  return {
    op: Uint8Array.from(rows, ({ op }) => op),
    symbol: column('symbol'),
    mark: column('mark'),
    next: column('next'),
    other: column('other'),
    split: column('split'),
    splits,
    matchesEmpty: isNullable(pattern),
  };
}

/** The first step from here on that does something; behind the end of the code where a round had no row. */
function settled(code: readonly Code[], from: number, given: number): State {
  let at = from;
  let rounds = given;
  for (;;) {
    const step = code[at];
    if (step?.op === 'jump') {
      at = step.to;
    } else if (step?.op === 'round') {
      rounds &= ~step.round;
      at += 1;
    } else if (step?.op === 'again') {
      if ((rounds & step.round) === 0) return { at: code.length, rounds: 0 };
      rounds &= ~step.round;
      at = step.to;
    } else {
      return { at, rounds };
    }
  }
}
