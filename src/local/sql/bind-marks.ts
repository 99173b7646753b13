import type { Token } from './lexer.js';

/** The `?` that stand for values: not those of a PATTERN, which mean "none or one" and "as few as will do". */
export function bindMarks(tokens: readonly Token[]): ReadonlySet<Token> {
  const marks = new Set<Token>();
  let matches = false;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.kind === 'symbol' && token.value === '?') marks.add(token);
    if (token.kind !== 'word') continue;
    matches ||= token.value === 'MATCH_RECOGNIZE';
    if (matches && token.value === 'PATTERN' && tokens[i + 1]?.value === '(') i = closing(tokens, i + 1);
  }
  return marks;
}

/** Where the parenthesis that opens at `open` is closed, or the last token. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const { kind, value } = tokens[i] as Token;
    if (kind !== 'symbol') continue;
    if (value === '(') depth += 1;
    else if (value === ')') depth -= 1;
    if (depth === 0) return i;
  }
  return tokens.length - 1;
}
