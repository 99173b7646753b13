import type {
  Expr,
  GroupBy,
  GroupItem,
  Ident,
  OrderItem,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperator,
} from './ast.js';
import { ALL_COLUMNS } from './ast.js';
import { parseOrderItems } from './calls.js';
import { parseFrom, parseValues } from './from-items.js';
import { commaList, endOfLast, type Grammar, ident, optionalAlias, parenList } from './grammar.js';
import { type Clauses, withOuterJoins } from './outer-marks.js';
import { starOptions } from './star.js';

/** `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …]`. */
export function parseQuery(g: Grammar): Query {
  const { cursor } = g;
  const { start } = cursor.peek();
  const hasWith = cursor.accept('WITH');
  const recursive = hasWith && cursor.accept('RECURSIVE');
  const ctes = hasWith ? commaList(cursor, () => commonTable(g)) : [];
  const body = parseSetExpression(g);
  const orderBy: OrderItem[] = cursor.accept('ORDER', 'BY') ? (orderByAll(g) ?? parseOrderItems(g)) : [];
  const { limit, offset } = parseLimits(g);
  return {
    recursive,
    with: ctes,
    body,
    orderBy,
    start,
    end: endOfLast(cursor),
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
  };
}

/** `ORDER BY ALL`: the reserved word stands for every column. */
function orderByAll(g: Grammar): OrderItem[] | undefined {
  const { cursor } = g;
  const { start, end } = cursor.peek();
  if (!cursor.accept('ALL')) return undefined;
  const expr: Expr = { kind: 'column', parts: [{ name: ALL_COLUMNS, quoted: false, start, end }], start, end };
  const descending = cursor.acceptOneOf('ASC', 'DESC') === 'DESC';
  const nulls = cursor.accept('NULLS') ? cursor.acceptOneOf('FIRST', 'LAST') : undefined;
  return [{ expr, descending, ...(nulls === undefined ? {} : { nulls: nulls as 'FIRST' | 'LAST' }) }];
}

function commonTable(g: Grammar): { name: Ident; columns: Ident[]; query: Query } {
  const { cursor } = g;
  const name = ident(cursor);
  // AS may be left out: WITH t (SELECT …).
  const listed =
    cursor.isSymbol('(') && !cursor.isSymbol('(', 1) && !['SELECT', 'WITH', 'VALUES'].includes(cursor.peek(1).value);
  const columns = listed ? parenList(cursor, () => ident(cursor)) : [];
  cursor.accept('AS');
  cursor.accept('MATERIALIZED');
  cursor.expectSymbol('(');
  const query = parseQuery(g);
  cursor.expectSymbol(')');
  return { name, columns, query };
}

function parseLimits(g: Grammar): { limit?: Expr; offset?: Expr } {
  const { cursor } = g;
  let limit: Expr | undefined;
  let offset: Expr | undefined;
  for (;;) {
    if (cursor.accept('LIMIT')) {
      limit = g.expression();
    } else if (cursor.accept('OFFSET')) {
      offset = g.expression();
      cursor.acceptOneOf('ROW', 'ROWS');
    } else if (cursor.accept('FETCH')) {
      cursor.acceptOneOf('FIRST', 'NEXT');
      limit = g.expression();
      cursor.acceptOneOf('ROW', 'ROWS');
      cursor.accept('ONLY');
    } else {
      return { ...(limit === undefined ? {} : { limit }), ...(offset === undefined ? {} : { offset }) };
    }
  }
}

/** UNION, EXCEPT and MINUS from left to right; INTERSECT binds tighter. */
function parseSetExpression(g: Grammar): QueryBody {
  const { cursor } = g;
  let left = parseIntersect(g);
  for (;;) {
    const word = cursor.acceptOneOf('UNION', 'EXCEPT', 'MINUS');
    if (word === undefined) return left;
    const all = cursor.accept('ALL');
    if (!all) cursor.accept('DISTINCT');
    if (all && word !== 'UNION') throw cursor.error();
    const byName = cursor.accept('BY', 'NAME') ? ' BY NAME' : '';
    const op = (word === 'UNION' ? `UNION${all ? ' ALL' : ''}${byName}` : 'EXCEPT') as SetOperator;
    const right = parseIntersect(g);
    left = { kind: 'set', op, left, right, start: left.start, end: right.end };
  }
}

function parseIntersect(g: Grammar): QueryBody {
  let left = parseBody(g);
  while (g.cursor.accept('INTERSECT')) {
    const right = parseBody(g);
    left = { kind: 'set', op: 'INTERSECT', left, right, start: left.start, end: right.end };
  }
  return left;
}

function parseBody(g: Grammar): QueryBody {
  const { cursor } = g;
  const { start } = cursor.peek();
  if (cursor.acceptSymbol('(')) {
    const query = parseQuery(g);
    cursor.expectSymbol(')');
    return { kind: 'nested', query, start, end: endOfLast(cursor) };
  }
  if (cursor.isKeyword('VALUES')) {
    const rows = parseValues(g);
    return { kind: 'values', rows, start, end: endOfLast(cursor) };
  }
  return parseSelect(g);
}

function parseSelect(g: Grammar): Select {
  const { cursor } = g;
  const { start } = cursor.peek();
  cursor.expect('SELECT');
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  const top = cursor.isKeyword('TOP') && cursor.peek(1).kind === 'number' ? topOf(g) : undefined;
  const items = selectItems(g);
  const listed: Clauses = cursor.accept('FROM') ? { from: parseFrom(g) } : {};
  const marksBefore = g.outerMarks.count;
  const written: Clauses = cursor.accept('WHERE') ? { ...listed, where: g.expression() } : listed;
  const { from, where } = g.outerMarks.count === marksBefore ? written : withOuterJoins(written);
  const hierarchy = parseHierarchy(g);
  const groupBy = cursor.accept('GROUP', 'BY') ? parseGroupBy(g) : undefined;
  const having = cursor.accept('HAVING') ? g.expression() : undefined;
  const qualify = cursor.accept('QUALIFY') ? g.expression() : undefined;
  return {
    kind: 'select',
    distinct,
    items,
    start,
    end: endOfLast(cursor),
    ...hierarchy,
    ...(top === undefined ? {} : { top }),
    ...(from === undefined ? {} : { from }),
    ...(where === undefined ? {} : { where }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(having === undefined ? {} : { having }),
    ...(qualify === undefined ? {} : { qualify }),
  };
}

/** TOP takes a plain number: `TOP 1 * …` is no product. */
function topOf(g: Grammar): Expr {
  g.cursor.expect('TOP');
  const { value, start, end } = g.cursor.next();
  return { kind: 'number', text: value, start, end };
}

function parseHierarchy(g: Grammar): { startWith?: Expr; connectBy?: Expr } {
  const { cursor } = g;
  let startWith: Expr | undefined;
  let connectBy: Expr | undefined;
  for (;;) {
    if (cursor.accept('START', 'WITH')) startWith = g.expression();
    else if (cursor.accept('CONNECT', 'BY')) connectBy = g.expression();
    else
      return { ...(startWith === undefined ? {} : { startWith }), ...(connectBy === undefined ? {} : { connectBy }) };
  }
}

/** A comma may stand after the last item. */
function selectItems(g: Grammar): SelectItem[] {
  const { cursor } = g;
  const items = [selectItem(g)];
  while (cursor.acceptSymbol(',')) {
    if (cursor.isKeyword('FROM')) break;
    items.push(selectItem(g));
  }
  return items;
}

function selectItem(g: Grammar): SelectItem {
  const { cursor } = g;
  const { start } = cursor.peek();
  let expr = g.expression();
  if (expr.kind === 'star') expr = starOptions(g, expr);
  const { end } = expr;
  const alias = expr.kind === 'star' ? undefined : optionalAlias(cursor);
  return { expr, start, end, ...(alias === undefined ? {} : { alias: alias.name }) };
}

function parseGroupBy(g: Grammar): GroupBy {
  const { cursor } = g;
  if (cursor.isKeyword('ALL') && cursor.accept('ALL')) return { kind: 'all' };
  return { kind: 'items', items: commaList(cursor, () => groupItem(g)) };
}

function groupItem(g: Grammar): GroupItem {
  const { cursor } = g;
  const word = cursor.isSymbol('(', 1) ? cursor.acceptOneOf('ROLLUP', 'CUBE') : undefined;
  if (word !== undefined)
    return { kind: word === 'ROLLUP' ? 'rollup' : 'cube', exprs: parenList(cursor, g.expression) };
  if (cursor.accept('GROUPING', 'SETS')) {
    const sets = parenList(cursor, () => (cursor.isSymbol('(') ? parenList(cursor, g.expression) : [g.expression()]));
    return { kind: 'sets', sets };
  }
  return { kind: 'expr', expr: g.expression() };
}
