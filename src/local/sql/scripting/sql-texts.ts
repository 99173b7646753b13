import type { Token } from '../lexer.js';
import type { TokenCursor } from '../token-cursor.js';
import type { ScriptStatement, ScriptText } from './script.js';

/** Words that begin a step of a script: met inside an expression, they tell that its semicolon is missing. */
const STEPS: ReadonlySet<string> = new Set(['BREAK', 'CONTINUE', 'LET', 'RAISE', 'RETURN']);

/** Text up to the semicolon, or to one of the words outside parentheses and CASE … END. */
export function expression(cursor: TokenCursor, ends: readonly string[]): ScriptText {
  const { start } = cursor.peek();
  let end = start;
  let depth = 0;
  for (;;) {
    const token = cursor.peek();
    if (token.kind === 'end' || (depth === 0 && isEnd(token, ends))) break;
    if (token.kind === 'symbol' && '([{'.includes(token.value)) depth += 1;
    else if (token.kind === 'symbol' && ')]}'.includes(token.value)) depth -= 1;
    else if (token.kind === 'word' && token.value === 'CASE') depth += 1;
    else if (token.kind === 'word' && token.value === 'END') depth -= 1;
    if (token.kind === 'word' && STEPS.has(token.value) && /\s$/.test(cursor.text.slice(start, token.start)))
      throw cursor.error();
    end = token.end;
    cursor.next();
  }
  if (end === start) throw cursor.error();
  return { text: cursor.text.slice(start, end), offset: start };
}

/** A statement of SQL; `INTO :a, :b` is cut out of a query and of a CALL. */
export function sqlStatement(cursor: TokenCursor, offset: number): ScriptStatement {
  const takesInto = ['SELECT', 'WITH', 'CALL'].some((word) => cursor.isKeyword(word));
  let text = '';
  let from = offset;
  let end = offset;
  let depth = 0;
  let into: string[] = [];
  while (!cursor.atEnd && !(depth === 0 && cursor.isSymbol(';'))) {
    const token = cursor.peek();
    if (takesInto && depth === 0 && into.length === 0 && cursor.isKeyword('INTO')) {
      text += cursor.text.slice(from, end);
      cursor.next();
      into = targets(cursor);
      from = cursor.peek().start;
      end = from;
      text += ' ';
      continue;
    }
    if (token.kind === 'symbol' && token.value === '(') depth += 1;
    if (token.kind === 'symbol' && token.value === ')') depth -= 1;
    end = token.end;
    cursor.next();
  }
  text += cursor.text.slice(from, end);
  if (text.trim() === '') throw cursor.error();
  return { kind: 'sql', offset, text: { text, offset }, into };
}

/** `USING (…)`: the texts of the values; none without it. */
export function usingValues(cursor: TokenCursor): ScriptText[] {
  if (!cursor.accept('USING')) return [];
  const values: ScriptText[] = [];
  cursor.expectSymbol('(');
  do values.push(cursor.textUntil([',', ')']));
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return values;
}

/** The variables behind INTO, with their colons or without. */
export function targets(cursor: TokenCursor): string[] {
  const names: string[] = [];
  do {
    cursor.acceptSymbol(':');
    names.push(cursor.identifier());
  } while (cursor.acceptSymbol(','));
  return names;
}

function isEnd(token: Token, words: readonly string[]): boolean {
  if (token.kind === 'symbol') return token.value === ';';
  return token.kind === 'word' && words.includes(token.value);
}
