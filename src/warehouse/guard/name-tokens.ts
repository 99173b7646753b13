import { SnowError } from '../../errors/snow-error.js';
import type { Token } from './lexer.js';
import { CLAUSE_WORDS } from './query-words.js';

/** What a name without quotes may be: another alphabet may be folded in another way further down. */
const PLAIN_NAME = /^[A-Z_][A-Z0-9_$]*$/;

const PLAIN_HINT =
  'Write it so that every table can be seen: plain names after FROM, JOIN and INTO, one statement, no dynamic names.';

/** A dotted name from a token on, and the index behind it. Throws `STATEMENT_NOT_ALLOWED` when there is none. */
export function nameAt(
  tokens: readonly Token[],
  at: number,
): { readonly parts: readonly string[]; readonly end: number } {
  const parts: string[] = [];
  let index = at;
  for (;;) {
    const token = tokens[index];
    if (token === undefined || !isName(token)) throw unplaced('a name is expected', token);
    if (token.kind === 'word' && (CLAUSE_WORDS.has(token.text) || !PLAIN_NAME.test(token.text)))
      throw unplaced(`${shown(token)} cannot be read as a name`, token);
    if (token.text.toUpperCase() === 'IDENTIFIER' && isSymbol(tokens[index + 1], '('))
      throw unplaced('IDENTIFIER() hides which object is meant', token);
    parts.push(token.text);
    index += 1;
    if (!isSymbol(tokens[index], '.')) return { parts, end: index };
    index += 1;
  }
}

export function unplaced(what: string, token?: Token, hint = PLAIN_HINT): SnowError {
  const place = token === undefined ? '' : ` (offset ${token.start})`;
  return new SnowError({
    code: 'STATEMENT_NOT_ALLOWED',
    message: `Not allowed: this client may use some objects only, and ${what}${place}.`,
    hint,
  });
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

export function isWord(token: Token | undefined, ...texts: readonly string[]): boolean {
  return token?.kind === 'word' && texts.includes(token.text);
}

export function isName(token: Token | undefined): token is Token & { readonly kind: 'word' | 'quoted' } {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

export function isOpening(token: Token | undefined): boolean {
  return token?.kind === 'symbol' && '([{'.includes(token.text);
}

export function isClosing(token: Token | undefined): boolean {
  return token?.kind === 'symbol' && ')]}'.includes(token.text);
}

export function shown(token: Token): string {
  return token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
}
