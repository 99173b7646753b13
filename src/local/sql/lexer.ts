import { syntaxError } from './syntax-error.js';

export type TokenKind =
  /** Unquoted word: keyword, identifier or function name. `value` is upper case. */
  | 'word'
  /** `"…"`: `value` has the quotes removed and `""` undone; its case is kept. */
  | 'quoted'
  /** `'…'` or `$$…$$`: `value` has its escapes undone. */
  | 'string'
  /** `value` is the number's text. */
  | 'number'
  /** `$name` (session variable, upper case) or `$1` (column by position); `value` lacks the dollar sign. */
  | 'variable'
  /** `@stage/path`, up to a blank, comma, semicolon or parenthesis; `value` lacks the at sign. */
  | 'stage'
  /** `file://…` as PUT and GET write it without quotes. */
  | 'path'
  /** Operators and punctuation, `?` included. */
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  /** Offset of the first character, and of the one after the last. */
  readonly start: number;
  readonly end: number;
}

const BLANK = /(?:\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const QUOTED = /"(?:[^"]|"")*"/y;
const STRING = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const DOLLAR_STRING = /\$\$[\s\S]*?\$\$/y;
const VARIABLE = /\$[A-Za-z0-9_]+/y;
const STAGE = /@(?:"(?:[^"]|"")*"|[^\s,;()"'])*/y;
const PATH = /file:\/\/[^\s;]*/iy;
const SYMBOL = /::|\|\||<=|>=|<>|!=|=>|->>|->|:=|[-+*/%()[\]{},.;:<>=?!&|^~#$\\]/y;

/** Splits Snowflake SQL into tokens, blanks and comments left out; the last one is of kind `end`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: TokenKind, raw: string, value: string): void => {
    tokens.push({ kind, value, start: at, end: at + raw.length });
    at += raw.length;
  };
  while (at < text.length) {
    const blank = match(BLANK);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const char = text.charAt(at);
    if (char === 'f' || char === 'F') {
      const path = match(PATH);
      if (path !== undefined) {
        push('path', path, path);
        continue;
      }
    }
    const word = match(WORD);
    if (word !== undefined) {
      push('word', word, word.toUpperCase());
      continue;
    }
    const number = match(NUMBER);
    if (number !== undefined) {
      push('number', number, number);
      continue;
    }
    if (char === "'") {
      const string = match(STRING);
      if (string === undefined) throw syntaxError(text, at, text.slice(at, at + 20));
      push('string', string, unescapeString(string.slice(1, -1)));
      continue;
    }
    if (char === '"') {
      const quoted = match(QUOTED);
      if (quoted === undefined) throw syntaxError(text, at, text.slice(at, at + 20));
      push('quoted', quoted, quoted.slice(1, -1).replaceAll('""', '"'));
      continue;
    }
    if (char === '$') {
      const string = match(DOLLAR_STRING);
      if (string !== undefined) {
        push('string', string, string.slice(2, -2));
        continue;
      }
      const variable = match(VARIABLE);
      if (variable !== undefined) {
        push('variable', variable, variable.slice(1).toUpperCase());
        continue;
      }
    }
    if (char === '@') {
      const stage = match(STAGE) ?? '@';
      push('stage', stage, stage.slice(1));
      continue;
    }
    const symbol = match(SYMBOL);
    if (symbol === undefined || text.startsWith('/*', at)) throw syntaxError(text, at, char);
    push('symbol', symbol, symbol);
  }
  tokens.push({ kind: 'end', value: '', start: text.length, end: text.length });
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '0': '\0' };

/** Undoes `''` and the backslash escapes of a single-quoted string (Snowflake: "Escape sequences in single-quoted string constants"). */
function unescapeString(body: string): string {
  if (!body.includes("'") && !body.includes('\\')) return body;
  return body.replace(
    /''|\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g,
    (_all: string, octal?: string, hex?: string, unicode?: string, char?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
      if (char !== undefined) return ESCAPES[char] ?? char;
      return "'";
    },
  );
}

/** A SQL string literal without backslash escapes, as DuckDB reads it. */
export function duckString(value: string): string {
  if (value.includes('\0')) return `(${value.split('\0').map(duckString).join(' || chr(0) || ')})`;
  return `'${value.replaceAll("'", "''")}'`;
}

/** A quoted identifier, for both Snowflake and DuckDB. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
