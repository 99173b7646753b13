import { unsupported } from '../syntax-error.js';
import { TokenCursor } from '../token-cursor.js';
import type { CallExpr, Expr, FromItem, Ident, JoinKind, OrderItem, Query, Sample } from './ast.js';
import { parseArguments, parseCallTail, parseOrderItems } from './calls.js';
import {
  commaList,
  endOfLast,
  type Grammar,
  ident,
  isReserved,
  optionalAlias,
  parenList,
  startsQuery,
} from './grammar.js';
import { parseMatchRecognize } from './match-recognize.js';
import { parseTimeTravel } from './time-travel.js';

/** `a, b JOIN c ON …`: commas are cross joins that bind loosest. */
export function parseFrom(g: Grammar): FromItem {
  const { cursor } = g;
  let left = parseJoins(g);
  while (cursor.acceptSymbol(',')) {
    const right = parseJoins(g);
    left = { kind: 'join', join: 'CROSS', natural: false, left, right, start: left.start, end: right.end };
  }
  return left;
}

function parseJoins(g: Grammar, first?: FromItem): FromItem {
  const { cursor } = g;
  let left = first ?? parseFactor(g);
  for (;;) {
    const mark = cursor.index;
    const natural = cursor.accept('NATURAL');
    const join = joinKind(g);
    if (join === undefined) {
      cursor.index = mark;
      return left;
    }
    const factor = parseFactor(g);
    const conditional = !natural && join !== 'CROSS' && join !== 'ASOF';
    const right = conditional && conditionBehindJoins(cursor) ? parseJoins(g, factor) : factor;
    const match = cursor.accept('MATCH_CONDITION') ? parenthesisedExpression(g) : undefined;
    const on = cursor.accept('ON') ? g.expression() : undefined;
    const using = on === undefined && cursor.accept('USING') ? parenList(cursor, () => ident(cursor)) : undefined;
    left = {
      kind: 'join',
      join,
      natural,
      left,
      right,
      start: left.start,
      end: endOfLast(cursor),
      ...(on === undefined ? {} : { on }),
      ...(using === undefined ? {} : { using }),
      ...(match === undefined ? {} : { match }),
    };
  }
}

const ENDS_FROM = /^(WHERE|START|CONNECT|GROUP|HAVING|QUALIFY|ORDER|LIMIT|OFFSET|FETCH|UNION|EXCEPT|MINUS|INTERSECT)$/;

/**
 * Whether the join that was just read has its condition behind further joins, as in `a JOIN b JOIN c ON … ON …`: each ON or USING belongs to
 * the nearest join before it that has none.
 */
function conditionBehindJoins(cursor: TokenCursor): boolean {
  const { kind, value } = cursor.peek();
  if (kind !== 'word' || !/^(JOIN|INNER|LEFT|RIGHT|FULL)$/.test(value)) return false;
  let waiting = 1;
  let depth = 0;
  let unconditional = false;
  for (let ahead = 0; depth >= 0; ahead += 1) {
    const token = cursor.peek(ahead);
    if (token.kind === 'end') return false;
    if (token.kind === 'symbol' && /^[()]$/.test(token.value)) depth += token.value === '(' ? 1 : -1;
    if (depth > 0) continue;
    if (token.kind === 'symbol' && /^[,;]$/.test(token.value)) return false;
    if (token.kind !== 'word') continue;
    if (ENDS_FROM.test(token.value)) return false;
    if (/^(CROSS|NATURAL|ASOF)$/.test(token.value)) unconditional = true;
    else if (token.value === 'JOIN') {
      if (!unconditional) waiting += 1;
      unconditional = false;
    } else if (token.value === 'ON' || token.value === 'USING') waiting -= 1;
    if (waiting === 0) return true;
  }
  return false;
}

function joinKind(g: Grammar): JoinKind | undefined {
  const { cursor } = g;
  const joins = (...words: string[]): boolean =>
    cursor.accept(...words, 'JOIN') || cursor.accept(...words, 'DIRECTED', 'JOIN');
  if (joins() || joins('INNER')) return 'INNER';
  if (joins('CROSS')) return 'CROSS';
  if (joins('ASOF')) return 'ASOF';
  return (['LEFT', 'RIGHT', 'FULL'] as const).find((side) => joins(side, 'OUTER') || joins(side));
}

function parenthesisedExpression(g: Grammar): Expr {
  g.cursor.expectSymbol('(');
  const expr = g.expression();
  g.cursor.expectSymbol(')');
  return expr;
}

interface AliasParts {
  readonly alias?: Ident;
  readonly columnAliases: readonly Ident[];
  readonly sample?: Sample;
}

function aliasParts(g: Grammar): AliasParts {
  const { cursor } = g;
  const early = parseSample(g);
  const alias = optionalAlias(cursor, ['MATCH_CONDITION', 'AT', 'BEFORE']);
  const columnAliases = alias !== undefined && cursor.isSymbol('(') ? parenList(cursor, () => ident(cursor)) : [];
  const sample = early ?? parseSample(g);
  return {
    columnAliases,
    ...(alias === undefined ? {} : { alias }),
    ...(sample === undefined ? {} : { sample }),
  };
}

function parseSample(g: Grammar): Sample | undefined {
  const { cursor } = g;
  if (cursor.acceptOneOf('SAMPLE', 'TABLESAMPLE') === undefined) return undefined;
  const word = cursor.acceptOneOf('BERNOULLI', 'ROW', 'SYSTEM', 'BLOCK');
  cursor.expectSymbol('(');
  const size = g.expression();
  const rows = cursor.accept('ROWS');
  cursor.expectSymbol(')');
  const seed = cursor.acceptOneOf('SEED', 'REPEATABLE') === undefined ? undefined : parenthesisedExpression(g);
  return {
    size,
    rows,
    ...(word === undefined ? {} : { method: word === 'SYSTEM' || word === 'BLOCK' ? 'SYSTEM' : 'BERNOULLI' }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function parseFactor(g: Grammar): FromItem {
  const { cursor } = g;
  let item = parsePlainFactor(g);
  for (;;) {
    const { start } = item;
    const opens = cursor.isSymbol('(', 1);
    if (cursor.isKeyword('MATCH_RECOGNIZE') && opens) {
      const match = parseMatchRecognize(g, item);
      item = { kind: 'match-recognize', ...match, ...aliasParts(g), start, end: endOfLast(cursor) };
    } else if (
      (cursor.isKeyword('PIVOT') || cursor.isKeyword('UNPIVOT')) &&
      (opens || cursor.peek(1).kind === 'word')
    ) {
      item = cursor.accept('PIVOT') ? parsePivot(g, item) : parseUnpivot(g, item);
    } else {
      return item;
    }
  }
}

function parsePlainFactor(g: Grammar): FromItem {
  const { cursor } = g;
  const token = cursor.peek();
  const { start } = token;
  if (token.kind === 'stage') throw unsupported('querying staged files');
  const lateral = cursor.accept('LATERAL');
  if (cursor.isSymbol('(')) {
    if (startsQuery(cursor)) {
      cursor.next();
      const query = g.query();
      cursor.expectSymbol(')');
      return { kind: 'derived', query: unwrap(query), lateral, ...aliasParts(g), start, end: endOfLast(cursor) };
    }
    cursor.next();
    const inner = parseFrom(g);
    cursor.expectSymbol(')');
    return inner;
  }
  if (cursor.isKeyword('VALUES') && cursor.isSymbol('(', 1)) {
    const rows = parseValues(g);
    const end = endOfLast(cursor);
    const query: Query = {
      recursive: false,
      with: [],
      body: { kind: 'values', rows, start, end },
      orderBy: [],
      start,
      end,
    };
    return { kind: 'derived', query, lateral: false, ...aliasParts(g), start, end: endOfLast(cursor) };
  }
  if (cursor.isKeyword('TABLE') && cursor.isSymbol('(', 1)) {
    cursor.next();
    cursor.expectSymbol('(');
    const item = parseTableArgument(g, start);
    cursor.expectSymbol(')');
    return { ...item, ...aliasParts(g), end: endOfLast(cursor) };
  }
  if (token.kind === 'word' && isReserved(token.value) && !lateral) throw cursor.error();
  const name = nameIdents(g);
  if (cursor.isSymbol('(')) {
    const call = parseCall(g, name, start);
    return { kind: 'function', call, ...aliasParts(g), start, end: endOfLast(cursor) };
  }
  const travel = parseTimeTravel(g);
  const travelling = travel === undefined ? {} : { travel };
  return { kind: 'table', name, ...travelling, ...aliasParts(g), start, end: endOfLast(cursor) };
}

/** A query that was written in parentheses of its own holds nothing but the inner one. */
function unwrap(query: Query): Query {
  const { body } = query;
  const plain =
    query.with.length === 0 && query.orderBy.length === 0 && query.limit === undefined && query.offset === undefined;
  return plain && body.kind === 'nested' ? body.query : query;
}

function parseTableArgument(g: Grammar, start: number): FromItem & { kind: 'table' | 'function' } {
  const { cursor } = g;
  const token = cursor.peek();
  if (token.kind === 'string') {
    cursor.next();
    return {
      kind: 'table',
      name: identsOf(token.value, token.start, token.end),
      columnAliases: [],
      start,
      end: token.end,
    };
  }
  if (token.kind === 'variable') {
    cursor.next();
    const call: CallExpr = {
      kind: 'call',
      name: ['IDENTIFIER'],
      args: [{ value: { kind: 'variable', name: token.value, start: token.start, end: token.end } }],
      start,
      end: token.end,
    };
    return { kind: 'function', call, columnAliases: [], start, end: token.end };
  }
  const name = nameIdents(g);
  if (cursor.isSymbol('('))
    return {
      kind: 'function',
      call: parseCall(g, name, token.start),
      columnAliases: [],
      start,
      end: endOfLast(cursor),
    };
  return { kind: 'table', name, columnAliases: [], start, end: endOfLast(cursor) };
}

function parseCall(g: Grammar, name: readonly Ident[], start: number): CallExpr {
  const parts = name.map((part) => part.name);
  return parseCallTail(g, parts, parseArguments(g, parts[parts.length - 1] ?? ''), start);
}

function identsOf(text: string, start: number, end: number): Ident[] {
  return new TokenCursor(text).name().map((name) => ({ name, quoted: true, start, end }));
}

/** A dotted name with its places; `db..t` means the schema PUBLIC. IDENTIFIER('…') and IDENTIFIER($v) are resolved where names are. */
export function nameIdents(g: Grammar): Ident[] {
  const { cursor } = g;
  if (cursor.isKeyword('IDENTIFIER') && cursor.isSymbol('(', 1)) {
    const { start } = cursor.peek();
    if (cursor.peek(2).kind === 'string')
      return cursor.name().map((name) => ({ name, quoted: true, start, end: endOfLast(cursor) }));
  }
  const parts = [ident(cursor)];
  while (cursor.isSymbol('.')) {
    const { start, end } = cursor.next();
    parts.push(cursor.isSymbol('.') ? { name: 'PUBLIC', quoted: false, start, end } : ident(cursor));
  }
  return parts;
}

export function parseValues(g: Grammar): Expr[][] {
  g.cursor.expect('VALUES');
  return commaList(g.cursor, () => parenList(g.cursor, () => valueOrDefault(g)));
}

/** DEFAULT stands for the column's default in INSERT. */
function valueOrDefault(g: Grammar): Expr {
  const token = g.cursor.peek();
  if (g.cursor.isKeyword('DEFAULT') && (g.cursor.isSymbol(',', 1) || g.cursor.isSymbol(')', 1))) {
    g.cursor.next();
    const { start, end } = token;
    return { kind: 'column', parts: [{ name: 'DEFAULT', quoted: false, start, end }], start, end };
  }
  return g.expression();
}

function parsePivot(g: Grammar, source: FromItem): FromItem {
  const { cursor } = g;
  const { start } = source;
  cursor.expectSymbol('(');
  const aggregate = parseCall(g, nameIdents(g), cursor.peek().start);
  cursor.expect('FOR');
  const column = ident(cursor);
  cursor.expect('IN');
  cursor.expectSymbol('(');
  let values: readonly { value: Expr; alias?: string }[] | 'ANY' | Query;
  let anyOrder: readonly OrderItem[] | undefined;
  if (cursor.accept('ANY')) {
    if (cursor.accept('ORDER', 'BY')) anyOrder = parseOrderItems(g);
    values = 'ANY';
  } else if (startsQuery(cursor)) {
    values = g.query();
  } else {
    values = commaList(cursor, () => {
      const value = g.expression();
      const alias = optionalAlias(cursor)?.name;
      return { value, ...(alias === undefined ? {} : { alias }) };
    });
  }
  cursor.expectSymbol(')');
  const defaultOnNull = cursor.accept('DEFAULT', 'ON', 'NULL') ? parenthesisedExpression(g) : undefined;
  cursor.expectSymbol(')');
  return {
    kind: 'pivot',
    source,
    aggregate,
    column,
    values,
    ...(anyOrder === undefined ? {} : { anyOrder }),
    ...aliasParts(g),
    start,
    end: endOfLast(cursor),
    ...(defaultOnNull === undefined ? {} : { defaultOnNull }),
  };
}

function parseUnpivot(g: Grammar, source: FromItem): FromItem {
  const { cursor } = g;
  cursor.expect('UNPIVOT');
  const { start } = source;
  const includeNulls = cursor.accept('INCLUDE', 'NULLS');
  if (!includeNulls) cursor.accept('EXCLUDE', 'NULLS');
  cursor.expectSymbol('(');
  const value = ident(cursor);
  cursor.expect('FOR');
  const name = ident(cursor);
  cursor.expect('IN');
  const columns = parenList(cursor, () => {
    const column = ident(cursor);
    const explicit = cursor.accept('AS');
    const alias = cursor.stringIf() ?? (explicit ? cursor.identifier() : optionalAlias(cursor)?.name);
    return { name: column, ...(alias === undefined ? {} : { alias }) };
  });
  cursor.expectSymbol(')');
  return {
    kind: 'unpivot',
    source,
    includeNulls,
    value,
    name,
    columns,
    ...aliasParts(g),
    start,
    end: endOfLast(cursor),
  };
}
