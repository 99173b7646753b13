import type { LocalError } from '../engine/local-error.js';
import { type Token, tokenize } from './lexer.js';
import type { NameParts } from './scope.js';
import { syntaxError } from './syntax-error.js';

/** A piece of the text, with its place in it. */
export interface TextSlice {
  readonly text: string;
  readonly offset: number;
}

/** Reads a statement token by token. `accept…` and `…If` consume only on a match; the others throw a syntax error (001003). */
export class TokenCursor {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** What the type TIMESTAMP means here: the session's TIMESTAMP_TYPE_MAPPING. */
  readonly timestampType: string;
  #index = 0;

  constructor(text: string, timestampType = 'TIMESTAMP_NTZ') {
    this.text = text;
    this.tokens = tokenize(text);
    this.timestampType = timestampType;
  }

  /** Index of the current token; may be set back to an earlier value. */
  get index(): number {
    return this.#index;
  }

  set index(value: number) {
    this.#index = value;
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  peek(ahead = 0): Token {
    const token = this.tokens[Math.min(this.#index + ahead, this.tokens.length - 1)];
    if (token === undefined) throw new RangeError('a token list ends with an end token');
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#index += 1;
    return token;
  }

  /** Whether these keywords (upper case) come next, in this order. */
  isKeyword(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return token.kind === 'word' && token.value === word;
    });
  }

  /** Consumes the keywords if all of them come next, in this order. */
  accept(...words: readonly string[]): boolean {
    if (!this.isKeyword(...words)) return false;
    this.#index += words.length;
    return true;
  }

  /** Consumes one of the given keywords and answers which. */
  acceptOneOf(...words: readonly string[]): string | undefined {
    const token = this.peek();
    if (token.kind !== 'word' || !words.includes(token.value)) return undefined;
    this.#index += 1;
    return token.value;
  }

  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.error();
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.value === symbol;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#index += 1;
    return true;
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.error();
  }

  /** One identifier: upper case when unquoted. */
  identifier(): string {
    const token = this.peek();
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.error();
    this.#index += 1;
    return token.value;
  }

  /** `a`, `a.b`, `a.b.c`; `a..c` means `a.PUBLIC.c`; `IDENTIFIER('…')` gives the name inside. */
  name(): NameParts {
    if (this.isKeyword('IDENTIFIER') && this.isSymbol('(', 1) && this.peek(2).kind === 'string') {
      this.#index += 2;
      const inner = new TokenCursor(this.stringLiteral());
      this.expectSymbol(')');
      const parts = inner.name();
      if (!inner.atEnd) throw inner.error();
      return parts;
    }
    const parts = [this.identifier()];
    while (this.acceptSymbol('.')) parts.push(this.isSymbol('.') ? 'PUBLIC' : this.identifier());
    return parts;
  }

  stringLiteral(): string {
    const value = this.stringIf();
    if (value === undefined) throw this.error();
    return value;
  }

  stringIf(): string | undefined {
    const token = this.peek();
    if (token.kind !== 'string') return undefined;
    this.#index += 1;
    return token.value;
  }

  /** A number with an optional sign. */
  number(): number {
    const negative = this.isSymbol('-');
    const token = this.peek(negative ? 1 : 0);
    if (token.kind !== 'number') throw this.error();
    this.#index += negative ? 2 : 1;
    return negative ? -Number(token.value) : Number(token.value);
  }

  /** `( … )` with nesting: the text between the parentheses. */
  parenthesised(): TextSlice {
    const open = this.peek();
    if (!this.isSymbol('(')) throw this.error();
    let depth = 0;
    for (;;) {
      const token = this.next();
      if (token.kind === 'end') throw syntaxError(this.text, token.start, '<EOF>');
      if (token.kind !== 'symbol') continue;
      if (token.value === '(') depth += 1;
      else if (token.value === ')') depth -= 1;
      if (depth === 0) return { text: this.text.slice(open.end, token.start), offset: open.end };
    }
  }

  /** Text up to (not including) the first of the symbols or keywords outside parentheses, or to the end. */
  textUntil(symbols: readonly string[], keywords: readonly string[] = []): TextSlice {
    const start = this.peek().start;
    let end = start;
    let depth = 0;
    for (;;) {
      const token = this.peek();
      if (token.kind === 'end') break;
      if (depth === 0 && token.kind === 'symbol' && symbols.includes(token.value)) break;
      if (depth === 0 && token.kind === 'word' && keywords.includes(token.value)) break;
      if (token.kind === 'symbol' && (token.value === '(' || token.value === '[')) depth += 1;
      if (token.kind === 'symbol' && (token.value === ')' || token.value === ']')) depth -= 1;
      end = token.end;
      this.#index += 1;
    }
    return { text: this.text.slice(start, end), offset: start };
  }

  /** Everything that is left, consumed. */
  rest(): TextSlice {
    const offset = this.peek().start;
    this.#index = this.tokens.length - 1;
    return { text: this.text.slice(offset).trimEnd(), offset };
  }

  expectEnd(): void {
    if (!this.atEnd) throw this.error();
  }

  /** A syntax error at the current token (or the given one). */
  error(token: Token = this.peek()): LocalError {
    const shown = token.kind === 'end' ? '<EOF>' : this.text.slice(token.start, token.end);
    return syntaxError(this.text, token.start, shown);
  }
}
