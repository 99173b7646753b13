import { LocalError } from '../../engine/local-error.js';
import type { Token } from '../lexer.js';
import type { TokenCursor } from '../token-cursor.js';
import type { Expr, Ident } from './ast.js';
import { parseArguments, parseCallTail } from './calls.js';
import { isTypeWord, parseDataType } from './data-types.js';
import { commaList, endOfLast, type Grammar, ident, isReserved, parenList, startsQuery } from './grammar.js';
import { spreadList, starOptions } from './star.js';

/** Literals, names, calls, parentheses, CASE, braces and brackets. */
export function parsePrimary(g: Grammar): Expr {
  const { cursor } = g;
  const token = cursor.peek();
  const { start, end } = token;
  switch (token.kind) {
    case 'number':
      cursor.next();
      return { kind: 'number', text: token.value, start, end };
    case 'string':
      cursor.next();
      return { kind: 'string', value: token.value, start, end };
    case 'variable':
      cursor.next();
      return /^\d+$/.test(token.value)
        ? { kind: 'position', position: Number(token.value), start, end }
        : { kind: 'variable', name: token.value, start, end };
    case 'symbol':
      return parseSymbol(g, token);
    case 'word':
      return parseWord(g, token);
    case 'quoted':
      return parseName(g);
    default:
      throw cursor.error();
  }
}

function parseSymbol(g: Grammar, token: Token): Expr {
  const { cursor } = g;
  const { start } = token;
  switch (token.value) {
    case '(': {
      if (startsQuery(cursor)) {
        cursor.next();
        const query = g.query();
        cursor.expectSymbol(')');
        return { kind: 'scalar-query', query, start, end: endOfLast(cursor) };
      }
      if (hasTypedParameter(cursor)) return parseTypedLambda(g, start);
      const items = parenList(cursor, g.expression);
      const only = items[0];
      if (only === undefined) throw cursor.error(token);
      const end = endOfLast(cursor);
      if (cursor.isSymbol('->')) return parseLambda(g, items, start);
      return items.length === 1 ? { ...only, start, end } : { kind: 'tuple', items, start, end };
    }
    case '?':
      cursor.next();
      g.questionMarks.count += 1;
      return { kind: 'bind', name: String(g.questionMarks.count), start, end: token.end };
    case ':': {
      cursor.next();
      const name = cursor.next();
      if (name.kind !== 'number' && name.kind !== 'word') throw cursor.error(name);
      return { kind: 'bind', name: name.value, start, end: name.end };
    }
    case '*':
      cursor.next();
      return { kind: 'star', qualifier: [], exclude: [], replace: [], rename: [], start, end: token.end };
    case '[': {
      cursor.next();
      const items = cursor.isSymbol(']') ? [] : spreadList(g);
      cursor.expectSymbol(']');
      return { kind: 'array', items, start, end: endOfLast(cursor) };
    }
    case '{':
      return parseBraces(g, start);
    default:
      throw cursor.error();
  }
}

/** Whether `(name TYPE` stands here: parameters of a lambda. */
function hasTypedParameter(cursor: TokenCursor): boolean {
  const [name, type, after] = [cursor.peek(1), cursor.peek(2), cursor.peek(3)];
  if (name.kind !== 'word' || type.kind !== 'word' || !isTypeWord(type.value) || isReserved(name.value)) return false;
  return after.kind === 'symbol' && [',', ')', '('].includes(after.value);
}

/** `(acc INT, x INT) -> …`: the types say nothing that the values don't. */
function parseTypedLambda(g: Grammar, start: number): Expr {
  const { cursor } = g;
  const params = parenList(cursor, (): Expr => {
    const part = ident(cursor);
    const next = cursor.peek();
    if (next.kind === 'word' && isTypeWord(next.value)) parseDataType(cursor);
    return { kind: 'column', parts: [part], start: part.start, end: part.end };
  });
  return parseLambda(g, params, start);
}

function parseLambda(g: Grammar, items: readonly Expr[], start: number): Expr {
  const params = items.map((item): Ident => {
    const part = item.kind === 'column' && item.parts.length === 1 ? item.parts[0] : undefined;
    if (part === undefined) throw g.cursor.error();
    return part;
  });
  g.cursor.expectSymbol('->');
  const body = g.expression();
  return { kind: 'lambda', params, body, start, end: body.end };
}

/** `{'key': value, …}` or the ODBC escape `{fn NAME(…)}` / `{d '…'}` / `{t '…'}` / `{ts '…'}`. */
function parseBraces(g: Grammar, start: number): Expr {
  const { cursor } = g;
  cursor.expectSymbol('{');
  if (cursor.accept('FN')) {
    const call = g.expression();
    cursor.expectSymbol('}');
    return { ...call, start, end: endOfLast(cursor) };
  }
  if (cursor.isSymbol('*') || (cursor.isSymbol('.', 1) && cursor.isSymbol('*', 2))) {
    const first = parsePrimary(g);
    const star = first.kind === 'star' ? starOptions(g, first) : first;
    cursor.expectSymbol('}');
    return { kind: 'call', name: ['OBJECT_CONSTRUCT'], args: [{ value: star }], start, end: endOfLast(cursor) };
  }
  const odbc = cursor.acceptOneOf('D', 'T', 'TS');
  if (odbc !== undefined) {
    const literal = cursor.peek();
    const value = cursor.stringLiteral();
    cursor.expectSymbol('}');
    const type =
      odbc === 'D'
        ? ({ name: 'DATE' } as const)
        : ({ name: odbc === 'T' ? 'TIME' : 'TIMESTAMP_NTZ', scale: 9 } as const);
    const arg: Expr = { kind: 'string', value, start: literal.start, end: literal.end };
    return { kind: 'cast', arg, type, try: false, start, end: endOfLast(cursor) };
  }
  const entries: { key: string; value: Expr }[] = [];
  if (!cursor.isSymbol('}')) {
    entries.push(
      ...commaList(cursor, () => {
        const key = cursor.stringLiteral();
        cursor.expectSymbol(':');
        return { key, value: g.expression() };
      }),
    );
  }
  cursor.expectSymbol('}');
  return { kind: 'object', entries, start, end: endOfLast(cursor) };
}

function parseWord(g: Grammar, token: Token): Expr {
  const { cursor } = g;
  const { start, end } = token;
  const opens = cursor.isSymbol('(', 1);
  switch (token.value) {
    case 'NULL':
      cursor.next();
      return { kind: 'null', start, end };
    case 'TRUE':
    case 'FALSE':
      cursor.next();
      return { kind: 'boolean', value: token.value === 'TRUE', start, end };
    case 'CASE':
      return parseCase(g);
    case 'EXISTS': {
      if (!opens) break;
      cursor.next();
      cursor.expectSymbol('(');
      const query = g.query();
      cursor.expectSymbol(')');
      return { kind: 'exists', query, start, end: endOfLast(cursor) };
    }
    case 'CAST':
    case 'TRY_CAST': {
      if (!opens) break;
      cursor.next();
      cursor.expectSymbol('(');
      const arg = g.expression();
      cursor.expect('AS');
      const type = parseDataType(cursor);
      cursor.expectSymbol(')');
      return { kind: 'cast', arg, type, try: token.value === 'TRY_CAST', start, end: endOfLast(cursor) };
    }
    case 'FINAL':
    case 'RUNNING':
      if (g.matches.depth > 0 && cursor.peek(1).kind === 'word' && cursor.isSymbol('(', 2)) {
        cursor.next();
        const call = parseName(g);
        if (call.kind !== 'call') throw cursor.error(token);
        return { ...call, semantics: token.value, start };
      }
      break;
    case 'INTERVAL':
      if (cursor.peek(1).kind === 'string') {
        cursor.next();
        const text = cursor.stringLiteral();
        return { kind: 'interval', text, start, end: endOfLast(cursor) };
      }
      break;
    case 'X':
      if (cursor.peek(1).kind === 'string' && cursor.peek(1).start === end) {
        cursor.next();
        const hex = cursor.stringLiteral();
        if (!/^([0-9a-fA-F]{2})*$/.test(hex)) throw cursor.error(token);
        return { kind: 'binary-string', hex, start, end: endOfLast(cursor) };
      }
      break;
    default:
      break;
  }
  if (
    cursor.peek(1).kind === 'string' &&
    ['DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ', 'DATETIME'].includes(token.value)
  ) {
    const type = parseDataType(cursor);
    const literal = cursor.peek();
    const value = cursor.stringLiteral();
    const arg: Expr = { kind: 'string', value, start: literal.start, end: literal.end };
    return { kind: 'cast', arg, type, try: false, start, end: literal.end };
  }
  const callable =
    opens &&
    ['LEFT', 'RIGHT', 'INSERT', 'REPLACE', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP', 'ANY', 'ALL'].includes(token.value);
  if (isReserved(token.value) && !callable) throw cursor.error();
  return parseName(g);
}

function parseCase(g: Grammar): Expr {
  const { cursor } = g;
  const { start } = cursor.peek();
  cursor.expect('CASE');
  const operand = cursor.isKeyword('WHEN') ? undefined : g.expression();
  const whens: { when: Expr; then: Expr }[] = [];
  while (cursor.accept('WHEN')) {
    const when = g.expression();
    cursor.expect('THEN');
    whens.push({ when, then: g.expression() });
  }
  if (whens.length === 0) throw cursor.error();
  const otherwise = cursor.accept('ELSE') ? g.expression() : undefined;
  cursor.expect('END');
  return {
    kind: 'case',
    whens,
    start,
    end: endOfLast(cursor),
    ...(operand === undefined ? {} : { operand }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

/** A column, a function call, `t.*`, `t.$1`, a lambda's parameter, or IDENTIFIER('…'). */
function parseName(g: Grammar): Expr {
  const { cursor } = g;
  const { start } = cursor.peek();
  if (cursor.isKeyword('IDENTIFIER') && cursor.isSymbol('(', 1) && cursor.peek(2).kind === 'string') {
    const parts = cursor.name();
    const end = endOfLast(cursor);
    return { kind: 'column', parts: parts.map((name) => ({ name, quoted: true, start, end })), start, end };
  }
  const parts: Ident[] = [ident(cursor)];
  if (cursor.isSymbol('->')) return parseLambda(g, [{ kind: 'column', parts, start, end: endOfLast(cursor) }], start);
  const next = cursor.peek();
  if (next.kind === 'word' && isTypeWord(next.value) && (cursor.isSymbol('->', 1) || cursor.isSymbol('(', 1))) {
    const mark = cursor.index;
    const end = endOfLast(cursor);
    parseDataType(cursor);
    if (cursor.isSymbol('->')) return parseLambda(g, [{ kind: 'column', parts, start, end }], start);
    cursor.index = mark;
  }
  while (cursor.isSymbol('.')) {
    const after = cursor.peek(1);
    if (after.kind === 'symbol' && after.value === '*') {
      cursor.next();
      cursor.next();
      return { kind: 'star', qualifier: parts, exclude: [], replace: [], rename: [], start, end: endOfLast(cursor) };
    }
    if (after.kind === 'variable' && /^\d+$/.test(after.value)) {
      cursor.next();
      cursor.next();
      const [qualifier] = parts;
      return {
        kind: 'position',
        position: Number(after.value),
        start,
        end: after.end,
        ...(qualifier === undefined ? {} : { qualifier }),
      };
    }
    cursor.next();
    parts.push(cursor.isSymbol('.') ? { name: 'PUBLIC', quoted: false, start, end: start } : ident(cursor));
  }
  if (cursor.isSymbol('(') && cursor.isSymbol('+', 1) && cursor.isSymbol(')', 2)) {
    cursor.index += 3;
    g.outerMarks.count += 1;
    return { kind: 'column', parts, outer: true, start, end: endOfLast(cursor) };
  }
  if (!cursor.isSymbol('(')) return { kind: 'column', parts, start, end: endOfLast(cursor) };
  if (parts.length > 3)
    throw new LocalError(
      '001003',
      '42000',
      'SQL compilation error:\nsyntax error: a function name has at most three parts.',
    );
  const name = parts.map((part) => part.name);
  return parseCallTail(g, name, parseArguments(g, name[name.length - 1] ?? ''), start);
}
