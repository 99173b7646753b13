import { type Token, tokenize } from './lexer.js';
import type { ParsedStatement } from './translation.js';

const MAX_KEYWORDS = 6;
const TRANSACTION_WORDS = new Set(['WORK', 'TRANSACTION', 'NAME']);
const BLOCK_WORDS = new Set(['IF', 'FOR', 'WHILE', 'LOOP', 'REPEAT']);

/**
 * Cuts a text into its statements. Semicolons in strings, comments and Snowflake Scripting blocks (`BEGIN … END`,
 * `DECLARE … BEGIN … END`) do not cut; empty statements are left out.
 */
export function parseStatements(text: string): ParsedStatement[] {
  const tokens = tokenize(text);
  const statements: ParsedStatement[] = [];
  let first = 0;
  for (let i = 0; i < tokens.length; i++) {
    if (i === first && startsBlock(tokens, i)) i = endOfBlock(tokens, i);
    else if (startsProcedureBody(tokens, first, i)) i = endOfBlock(tokens, i);
    const current = tokens[i] as Token;
    const ends = current.kind === 'end' || (current.kind === 'symbol' && current.value === ';');
    if (!ends) continue;
    if (i > first) statements.push(cut(text, tokens, first, i));
    first = i + 1;
  }
  return statements;
}

function cut(text: string, tokens: readonly Token[], first: number, end: number): ParsedStatement {
  const start = (tokens[first] as Token).start;
  const stop = (tokens[end - 1] as Token).end;
  const keywords: string[] = [];
  let at = first;
  while (at < end && tokens[at]?.value === '(' && tokens[at]?.kind === 'symbol') at += 1;
  for (; at < end && keywords.length < MAX_KEYWORDS; at++) {
    const token = tokens[at] as Token;
    if (token.kind !== 'word') break;
    keywords.push(token.value);
  }
  return { text: text.slice(start, stop), offset: start, keywords };
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.value === word;
}

function startsBlock(tokens: readonly Token[], i: number): boolean {
  if (isWord(tokens[i], 'DECLARE')) return true;
  if (!isWord(tokens[i], 'BEGIN')) return false;
  const after = tokens[i + 1] as Token;
  if (after.kind === 'end' || (after.kind === 'symbol' && after.value === ';')) return false;
  return !(after.kind === 'word' && TRANSACTION_WORDS.has(after.value));
}

function startsProcedureBody(tokens: readonly Token[], first: number, i: number): boolean {
  if (!isWord(tokens[first], 'CREATE') || !isWord(tokens[i - 1], 'AS')) return false;
  if (!isWord(tokens[i], 'BEGIN') && !isWord(tokens[i], 'DECLARE')) return false;
  const after = tokens[i + 1] as Token;
  return after.kind !== 'end' && !(after.kind === 'symbol' && (after.value === ';' || after.value === '.'));
}

/** `BEGIN TRANSACTION;` inside a block opens no block of its own. */
function beginsTransaction(tokens: readonly Token[], i: number): boolean {
  const after = tokens[i + 1];
  return after?.value === ';' || (after?.kind === 'word' && TRANSACTION_WORDS.has(after.value));
}

/** Index of the token after the block's last `END` (or of the end token when it is not closed). */
function endOfBlock(tokens: readonly Token[], start: number): number {
  let depth = 0;
  let statementStart = true;
  for (let i = start; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.kind === 'end') return i;
    const opens: boolean =
      token.kind === 'word' &&
      ((token.value === 'BEGIN' && !beginsTransaction(tokens, i)) ||
        token.value === 'CASE' ||
        (statementStart && BLOCK_WORDS.has(token.value)));
    if (opens) depth += 1;
    if (isWord(token, 'END')) {
      depth -= 1;
      const after = tokens[i + 1] as Token;
      if (after.kind === 'word' && (BLOCK_WORDS.has(after.value) || after.value === 'CASE')) i += 1;
      if (depth <= 0) return i + 1;
    }
    statementStart =
      token.value === ';' ||
      (token.kind === 'word' && ['BEGIN', 'THEN', 'ELSE', 'DO', 'LOOP', 'REPEAT'].includes(token.value));
  }
  return tokens.length - 1;
}
