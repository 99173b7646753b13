import { expressionName } from '../sql/emit/column-names.js';
import { type Token, tokenize } from '../sql/lexer.js';
import { LocalError } from './local-error.js';

interface WrittenCall {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly windowed: boolean;
}

/**
 * DuckDB's words for a window function or an aggregate that stands where it may not, in Snowflake's; undefined for other messages.
 * `text` is the statement, whose own writing of the call is shown.
 */
export function misplacedCall(message: string, text: string): LocalError | undefined {
  const clause = /(WHERE|HAVING|GROUP BY|JOIN) clause cannot contain (window functions|aggregates)/i.exec(message);
  if (clause?.[2]?.startsWith('window') === true) {
    const shown = named(text, clause[1] ?? '', true);
    return compilation('002303', `Window function${shown} appears outside of SELECT, QUALIFY, and ORDER BY clauses.`);
  }
  if (clause !== null) {
    const shown = named(text, clause[1] ?? '', false);
    return clause[1]?.toUpperCase() === 'GROUP BY'
      ? compilation('000979', `${shown.trim()} is not a valid group by expression`)
      : compilation('002077', `Invalid aggregate function in where clause${shown}`);
  }
  if (!/aggregate function calls cannot be nested/i.test(message)) return undefined;
  const calls = callsOf(text).filter(({ windowed }) => !windowed);
  for (const outer of calls) {
    const inner = calls.find(({ start, end }) => start > outer.start && end < outer.end);
    if (inner !== undefined)
      return compilation('002077', `Aggregate functions cannot be nested: [${inner.text}] nested in [${outer.text}]`);
  }
  return compilation('002077', 'Aggregate functions cannot be nested.');
}

function compilation(number: string, message: string): LocalError {
  return new LocalError(number, '42601', `SQL compilation error:\n${message}`);
}

/** ` [call]`: the first one behind the clause's word, else (the clause names a column of the select list) the first of all. */
function named(text: string, clause: string, windowed: boolean): string {
  const calls = callsOf(text).filter((call) => call.windowed === windowed);
  const from = text.search(new RegExp(`\\b${clause.replace(' ', '\\s+')}\\b`, 'i'));
  const call = calls.find(({ start }) => start > from) ?? calls[0];
  return call === undefined ? '' : ` [${call.text}]`;
}

const AGGREGATES =
  /^(ANY_VALUE|ARRAY_AGG|AVG|COUNT|COUNT_IF|LISTAGG|MAX|MEDIAN|MIN|MODE|OBJECT_AGG|STDDEV\w*|SUM|VAR\w*)$/;

/** Calls with OVER, and those of aggregates, in the order of the text. */
function callsOf(text: string): WrittenCall[] {
  const tokens = tokensOf(text);
  return tokens.flatMap((token, i) => {
    if (token.kind !== 'word' || tokens[i + 1]?.value !== '(') return [];
    let last = closing(tokens, i + 1);
    const windowed = tokens[last + 1]?.value === 'OVER' && tokens[last + 2]?.value === '(';
    if (windowed) last = closing(tokens, last + 2);
    else if (!AGGREGATES.test(token.value)) return [];
    const end = tokens[last]?.end ?? text.length;
    return [{ text: expressionName(text.slice(token.start, end)), start: token.start, end, windowed }];
  });
}

/** The index of the parenthesis that closes the one at `open`. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]?.value === '(') depth++;
    if (tokens[i]?.value === ')' && --depth === 0) return i;
  }
  return tokens.length - 1;
}

function tokensOf(text: string): readonly Token[] {
  try {
    return tokenize(text);
  } catch {
    return [];
  }
}
