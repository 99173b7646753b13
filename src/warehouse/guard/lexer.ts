import { SnowError } from '../../errors/snow-error.js';

/**
 * Cuts a statement into the tokens that the classifier needs, by Snowflake's lexical rules: `--`, `//` and block
 * comments, strings with doubled quotes and backslash escapes, `$$` strings, quoted identifiers, stage locations.
 * What two readers could cut differently is refused, because a reader further down might find a second statement in it.
 */

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'stage' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  /** Words with a to z in upper case, quoted identifiers and strings without their quotes, everything else as it stands. */
  readonly text: string;
  /** Offset of the first character. */
  readonly start: number;
  /** Parentheses, brackets and braces open around the token. */
  readonly depth: number;
}

const WORD_START = /[\p{L}_$]/u;
const WORD = /[\p{L}\p{N}_$]+/uy;
const NUMBER = /\d[\d.]*(?:e[+-]?\d+)?/iy;
const STAGE = /@[^\s,;()'"]*/y;
const SPACE = /\s+/y;
const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);

export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let at = 0;

  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0] ?? '';
  };
  const push = (kind: TokenKind, text: string, end: number): void => {
    tokens.push({ kind, text, start: at, depth });
    at = end;
  };

  while (at < sql.length) {
    const char = sql[at] as string;
    const pair = sql.slice(at, at + 2);
    const space = match(SPACE);
    if (space !== '') {
      at += space.length;
    } else if (pair === '--' || pair === '//') {
      at = lineEnd(sql, at);
    } else if (pair === '/*') {
      at = blockCommentEnd(sql, at);
    } else if (char === "'") {
      const end = stringEnd(sql, at);
      push('string', sql.slice(at + 1, end - 1), end);
    } else if (char === '"') {
      const end = quotedEnd(sql, at);
      push('quoted', sql.slice(at + 1, end - 1).replaceAll('""', '"'), end);
    } else if (pair === '$$') {
      const end = sql.indexOf('$$', at + 2);
      if (end < 0) throw unplaceable(sql, at, 'a $$ string is opened and never closed');
      push('string', sql.slice(at + 2, end), end + 2);
    } else if (char === '@') {
      const stage = match(STAGE);
      if (/\/\/|\/\*|--/.test(stage))
        throw unplaceable(
          sql,
          at,
          'a stage location contains what could also be a comment',
          'Put the location in quotes.',
        );
      push('stage', stage, at + stage.length);
    } else if (/\d/.test(char)) {
      const number = match(NUMBER);
      push('number', number, at + number.length);
    } else if (WORD_START.test(char)) {
      const word = wordAt(sql, match(WORD), at);
      push('word', upperCased(word), at + word.length);
    } else if (sql.startsWith('->>', at)) {
      push('symbol', '->>', at + 3);
    } else {
      if (CLOSING.has(char)) depth -= 1;
      if (depth < 0) throw unplaceable(sql, at, `"${char}" closes something that was never opened`);
      push('symbol', char, at + 1);
      if (OPENING.has(char)) depth += 1;
    }
  }
  return tokens;
}

/** Letters of other alphabets are left as they are: folded, some of them (`ſ`, `ı`) would pass for one of a keyword or name. */
function upperCased(word: string): string {
  return word.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** A word that runs into `$$` ends there: `a$$b$$` could otherwise hide a string. */
function wordAt(sql: string, word: string, at: number): string {
  if (word.includes('$$'))
    throw unplaceable(sql, at, 'a name runs into "$$"', 'Put a space before the $$ string, or quote the name.');
  return word;
}

function lineEnd(sql: string, from: number): number {
  const end = /[\n\r\u000b\u000c\u0085\u2028\u2029]/g;
  end.lastIndex = from;
  const found = end.exec(sql);
  if (found === null) return sql.length;
  // Only a line feed ends a comment for every reader; after another line break one of them may go on reading code.
  if (found[0] !== '\n' && sql.slice(found.index, found.index + 2) !== '\r\n')
    throw unplaceable(sql, from, 'a comment ends in an unusual line break', 'End comment lines with a line feed.');
  return found.index + 1;
}

function blockCommentEnd(sql: string, from: number): number {
  const end = sql.indexOf('*/', from + 2);
  if (end < 0) throw unplaceable(sql, from, 'a comment is opened with /* and never closed');
  // Snowflake's comments do not nest, DuckDB's and PostgreSQL's do.
  if (sql.slice(from + 2, end).includes('/*'))
    throw unplaceable(sql, from, 'a comment contains another /*', 'Remove the inner comment.');
  return end + 2;
}

function stringEnd(sql: string, from: number): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1;
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1;
      at += 1;
    }
  }
  throw unplaceable(sql, from, "a string is opened with ' and never closed");
}

function quotedEnd(sql: string, from: number): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (sql[at] !== '"') continue;
    if (sql[at + 1] !== '"') return at + 1;
    at += 1;
  }
  throw unplaceable(sql, from, 'an identifier is opened with " and never closed');
}

function unplaceable(sql: string, at: number, what: string, hint?: string): SnowError {
  const before = sql.slice(0, at).split('\n');
  return new SnowError({
    code: 'STATEMENT_NOT_ALLOWED',
    message: `The statement cannot be read safely: ${what} (line ${before.length}, position ${before.at(-1)?.length ?? 0}).`,
    hint: hint ?? 'Correct the statement and send it again.',
    line: before.length,
    position: before.at(-1)?.length ?? 0,
  });
}
