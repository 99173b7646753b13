import type { Token } from '../lexer.js';
import type { TokenCursor } from '../token-cursor.js';
import type { BinaryOperator, Expr, PathStep } from './ast.js';
import { parseDataType } from './data-types.js';
import { endOfLast, type Grammar, parenList, startsQuery } from './grammar.js';
import { parsePrimary } from './primaries.js';
import { spreadList } from './star.js';

/** Expression grammar by precedence, lowest first: OR, AND, NOT, comparison, + - ||, * / %, sign, then `::`, `:path`, `[i]`. */
export function parseExpression(g: Grammar): Expr {
  const { cursor } = g;
  let left = parseAnd(g);
  while (cursor.accept('OR')) left = binary('OR', left, parseAnd(g));
  return left;
}

function binary(op: BinaryOperator, left: Expr, right: Expr): Expr {
  return { kind: 'binary', op, left, right, start: left.start, end: right.end };
}

function parseAnd(g: Grammar): Expr {
  let left = parseNot(g);
  while (g.cursor.accept('AND')) left = binary('AND', left, parseNot(g));
  return left;
}

function parseNot(g: Grammar): Expr {
  const start = g.cursor.peek().start;
  if (g.cursor.isKeyword('NOT')) {
    g.cursor.next();
    const arg = parseNot(g);
    return { kind: 'not', arg, start, end: arg.end };
  }
  return parseComparison(g);
}

const COMPARISONS: Readonly<Record<string, BinaryOperator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

function parseComparison(g: Grammar): Expr {
  const { cursor } = g;
  let left = parseSum(g);
  // What follows a star belongs to it: ILIKE, EXCLUDE.
  if (left.kind === 'star') return left;
  for (;;) {
    const token = cursor.peek();
    const op = token.kind === 'symbol' ? COMPARISONS[token.value] : undefined;
    if (op !== undefined) {
      cursor.next();
      left = comparison(g, left, op);
      continue;
    }
    const predicate = parsePredicate(g, left);
    if (predicate === undefined) return left;
    left = predicate;
  }
}

function comparison(g: Grammar, left: Expr, op: BinaryOperator): Expr {
  const { cursor } = g;
  const quantifier = cursor.isSymbol('(', 1) ? cursor.acceptOneOf('ANY', 'ALL', 'SOME') : undefined;
  if (quantifier === undefined) return binary(op, left, parseSum(g));
  cursor.expectSymbol('(');
  const query = g.query();
  cursor.expectSymbol(')');
  return {
    kind: 'quantified',
    left,
    op,
    query,
    quantifier: quantifier === 'ALL' ? 'ALL' : 'ANY',
    start: left.start,
    end: endOfLast(cursor),
  };
}

/** IS, BETWEEN, IN, LIKE and their kin; undefined when none follows. */
function parsePredicate(g: Grammar, arg: Expr): Expr | undefined {
  const { cursor } = g;
  const { start } = arg;
  if (cursor.accept('IS')) return parseIs(g, arg);
  const mark = cursor.index;
  const not = cursor.accept('NOT');
  if (cursor.accept('BETWEEN')) {
    const low = parseSum(g);
    cursor.expect('AND');
    const high = parseSum(g);
    return { kind: 'between', arg, low, high, not, start, end: high.end };
  }
  // Without a parenthesis it is the IN of `POSITION(a IN b)`.
  if (cursor.isSymbol('(', 1) && cursor.accept('IN')) return parseIn(g, arg, not);
  const like = cursor.acceptOneOf('LIKE', 'ILIKE', 'RLIKE', 'REGEXP');
  if (like !== undefined) {
    const op = like === 'REGEXP' ? 'RLIKE' : (like as 'LIKE' | 'ILIKE' | 'RLIKE');
    const quantifier = op === 'RLIKE' ? undefined : cursor.acceptOneOf('ANY', 'ALL');
    const patterns =
      quantifier === undefined ? [parseSum(g)] : cursor.isSymbol('(') ? parenList(cursor, g.expression) : [parseSum(g)];
    const escape = cursor.accept('ESCAPE') ? parseSum(g) : undefined;
    return {
      kind: 'like',
      arg,
      op,
      patterns,
      not,
      start,
      end: endOfLast(cursor),
      ...(quantifier === undefined ? {} : { quantifier: quantifier as 'ANY' | 'ALL' }),
      ...(escape === undefined ? {} : { escape }),
    };
  }
  cursor.index = mark;
  return undefined;
}

function parseIs(g: Grammar, arg: Expr): Expr {
  const { cursor } = g;
  const { start } = arg;
  const not = cursor.accept('NOT');
  if (cursor.accept('DISTINCT', 'FROM')) {
    const right = parseSum(g);
    return { kind: 'distinct-from', left: arg, right, not, start, end: right.end };
  }
  const what = cursor.acceptOneOf('NULL', 'TRUE', 'FALSE');
  if (what === undefined) throw cursor.error();
  return { kind: 'is', arg, not, what: what as 'NULL' | 'TRUE' | 'FALSE', start, end: endOfLast(cursor) };
}

function parseIn(g: Grammar, arg: Expr, not: boolean): Expr {
  const { cursor } = g;
  const ofQuery = startsQuery(cursor);
  cursor.expectSymbol('(');
  if (ofQuery) {
    const query = g.query();
    cursor.expectSymbol(')');
    return { kind: 'in-query', arg, query, not, start: arg.start, end: endOfLast(cursor) };
  }
  const list = spreadList(g);
  cursor.expectSymbol(')');
  return { kind: 'in', arg, list, not, start: arg.start, end: endOfLast(cursor) };
}

function parseSum(g: Grammar): Expr {
  const { cursor } = g;
  let left = parseProduct(g);
  for (;;) {
    const op = cursor.isSymbol('+') ? '+' : cursor.isSymbol('-') ? '-' : cursor.isSymbol('||') ? '||' : undefined;
    if (op === undefined) return left;
    cursor.next();
    left = binary(op, left, parseProduct(g));
  }
}

function parseProduct(g: Grammar): Expr {
  const { cursor } = g;
  let left = parseSigned(g);
  for (;;) {
    const op = cursor.isSymbol('*') ? '*' : cursor.isSymbol('/') ? '/' : cursor.isSymbol('%') ? '%' : undefined;
    if (op === undefined) return left;
    cursor.next();
    left = binary(op, left, parseSigned(g));
  }
}

function parseSigned(g: Grammar): Expr {
  const { cursor } = g;
  const token = cursor.peek();
  if (cursor.acceptSymbol('-')) {
    const arg = parseSigned(g);
    if (arg.kind === 'number' && !arg.text.startsWith('-')) {
      return { kind: 'number', text: `-${arg.text}`, start: token.start, end: arg.end };
    }
    return { kind: 'negate', arg, start: token.start, end: arg.end };
  }
  if (cursor.acceptSymbol('+')) {
    const arg = parseSigned(g);
    return { kind: 'plus', arg, start: token.start, end: arg.end };
  }
  if (cursor.isKeyword('PRIOR') && cursor.peek(1).kind !== 'symbol') {
    cursor.next();
    const arg = parseSigned(g);
    return { kind: 'prior', arg, start: token.start, end: arg.end };
  }
  if (cursor.accept('CONNECT_BY_ROOT')) {
    const arg = parseSigned(g);
    return { kind: 'connect-by-root', arg, start: token.start, end: arg.end };
  }
  return parsePostfix(g);
}

function parsePostfix(g: Grammar): Expr {
  const { cursor } = g;
  let arg = parsePrimary(g);
  for (;;) {
    const { start } = arg;
    if (cursor.acceptSymbol('::')) {
      const type = parseDataType(cursor);
      arg = { kind: 'cast', arg, type, try: false, start, end: endOfLast(cursor) };
    } else if (cursor.isSymbol(':') && isPathStart(cursor.peek(1))) {
      cursor.next();
      const steps: PathStep[] = [{ key: pathKey(cursor) }];
      parsePathSteps(g, steps);
      arg = { kind: 'path', arg, steps, start, end: endOfLast(cursor) };
    } else if (cursor.isSymbol('[')) {
      const steps: PathStep[] = [];
      parsePathSteps(g, steps);
      arg = { kind: 'path', arg, steps, start, end: endOfLast(cursor) };
    } else if (cursor.accept('COLLATE')) {
      const at = cursor.peek();
      const value: Expr = { kind: 'string', value: cursor.stringLiteral(), start: at.start, end: at.end };
      arg = { kind: 'call', name: ['COLLATE'], args: [{ value: arg }, { value }], start, end: at.end };
    } else {
      return arg;
    }
  }
}

function isPathStart(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'quoted';
}

/** A path's unquoted keys keep their case: they are matched as written. */
function pathKey(cursor: TokenCursor): string {
  const token = cursor.next();
  if (token.kind === 'quoted') return token.value;
  if (token.kind === 'word') return cursor.text.slice(token.start, token.end);
  throw cursor.error(token);
}

function parsePathSteps(g: Grammar, steps: PathStep[]): void {
  const { cursor } = g;
  for (;;) {
    if (cursor.isSymbol('.') && isPathStart(cursor.peek(1))) {
      cursor.next();
      steps.push({ key: pathKey(cursor) });
    } else if (cursor.acceptSymbol('[')) {
      const index = g.expression();
      cursor.expectSymbol(']');
      steps.push(index.kind === 'string' ? { key: index.value } : { index });
    } else {
      return;
    }
  }
}
