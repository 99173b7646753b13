import type { Arg, CallExpr, Expr, Frame, FrameBound, OrderItem, Window } from './ast.js';
import { commaList, endOfLast, type Grammar, ident } from './grammar.js';
import { spread, starOptions } from './star.js';

interface Arguments {
  readonly args: readonly Arg[];
  readonly distinct: boolean;
  readonly nulls?: 'IGNORE' | 'RESPECT';
}

/** The parenthesised arguments of a call, with the forms that have words of their own: EXTRACT, TRIM, POSITION, named arguments. */
export function parseArguments(g: Grammar, name: string): Arguments {
  const { cursor } = g;
  cursor.expectSymbol('(');
  if (cursor.acceptSymbol(')')) return { args: [], distinct: false };
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  const args: Arg[] = [];
  if (name === 'EXTRACT' || name === 'DATE_PART') {
    args.push(argument(g));
    if (cursor.accept('FROM')) args.push(argument(g));
  } else if (name === 'POSITION') {
    args.push(argument(g));
    if (isNeedleOnly(args)) cursor.accept('IN');
  } else {
    args.push(...(name === 'SEARCH' || name === 'SEARCH_IP' ? searchedColumns(g) : spreadArgument(g)));
    if (name === 'TRIM' && cursor.accept('FROM')) args.unshift(argument(g));
  }
  if (name === 'POSITION' && !cursor.isSymbol(',') && !cursor.isSymbol(')')) args.push(argument(g));
  while (cursor.acceptSymbol(',')) args.push(...spreadArgument(g));
  const nulls = nullTreatment(g);
  cursor.expectSymbol(')');
  return {
    args: name === 'POSITION' ? splitPositionIn(args) : args,
    distinct,
    ...(nulls === undefined ? {} : { nulls }),
  };
}

function isNeedleOnly(args: readonly Arg[]): boolean {
  return args.length === 1;
}

/** `POSITION(a IN b)` is read as the predicate `a IN b` when b is parenthesised; both forms give two arguments. */
function splitPositionIn(args: readonly Arg[]): readonly Arg[] {
  const value = args[0]?.value;
  if (args.length !== 1 || value?.kind !== 'in') return args;
  const haystack = value.list[0];
  return haystack === undefined ? args : [{ value: value.arg }, { value: haystack }];
}

/** One argument; or, behind `**`, the elements of an array; a star may be narrowed, as in `COUNT(* EXCLUDE a)`. */
function spreadArgument(g: Grammar): readonly Arg[] {
  const { cursor } = g;
  if (cursor.isSymbol('*') && cursor.isSymbol('*', 1)) return spread(g).map((value) => ({ value }));
  const given = argument(g);
  return [given.value.kind === 'star' ? { ...given, value: starOptions(g, given.value) } : given];
}

/** What SEARCH looks through: an expression, or a list in parentheses, with stars in it. */
function searchedColumns(g: Grammar): readonly Arg[] {
  const { cursor } = g;
  const { index } = cursor;
  const { start } = cursor.peek();
  if (cursor.acceptSymbol('(')) {
    const items = commaList(cursor, () => spreadArgument(g)).flat();
    if (cursor.acceptSymbol(')') && cursor.isSymbol(','))
      return [{ value: { kind: 'tuple', items: items.map(({ value }) => value), start, end: endOfLast(cursor) } }];
    cursor.index = index;
  }
  return spreadArgument(g);
}

function argument(g: Grammar): Arg {
  const { cursor } = g;
  const token = cursor.peek();
  if ((token.kind === 'word' || token.kind === 'quoted') && cursor.isSymbol('=>', 1)) {
    const name = cursor.identifier();
    cursor.expectSymbol('=>');
    return { name, value: argumentValue(g) };
  }
  return { value: argumentValue(g) };
}

/** A table function's argument may be a query of its own: `FLATTEN(INPUT => (SELECT …))` or, bare, `ARRAY(SELECT …)`. */
function argumentValue(g: Grammar): Expr {
  const { cursor } = g;
  if (cursor.isKeyword('SELECT') || cursor.isKeyword('WITH')) {
    const { start } = cursor.peek();
    const query = g.query();
    return { kind: 'scalar-query', query, start, end: endOfLast(cursor) };
  }
  return g.expression();
}

function nullTreatment(g: Grammar): 'IGNORE' | 'RESPECT' | undefined {
  if (g.cursor.accept('IGNORE', 'NULLS')) return 'IGNORE';
  if (g.cursor.accept('RESPECT', 'NULLS')) return 'RESPECT';
  return undefined;
}

/** What may follow the arguments: WITHIN GROUP, FILTER, IGNORE NULLS, OVER. */
export function parseCallTail(g: Grammar, name: readonly string[], parsed: Arguments, start: number): CallExpr {
  const { cursor } = g;
  let withinGroup: readonly OrderItem[] | undefined;
  if (cursor.accept('WITHIN', 'GROUP')) {
    cursor.expectSymbol('(');
    cursor.expect('ORDER', 'BY');
    withinGroup = parseOrderItems(g);
    cursor.expectSymbol(')');
  }
  let filter: Expr | undefined;
  if (cursor.isKeyword('FILTER') && cursor.isSymbol('(', 1)) {
    cursor.next();
    cursor.expectSymbol('(');
    cursor.expect('WHERE');
    filter = g.expression();
    cursor.expectSymbol(')');
  }
  const direction = fromEnd(g);
  const nulls = nullTreatment(g) ?? parsed.nulls;
  const over = cursor.accept('OVER') ? parseWindow(g) : undefined;
  return {
    kind: 'call',
    name,
    args: parsed.args,
    start,
    end: endOfLast(cursor),
    ...(parsed.distinct ? { distinct: true } : {}),
    ...(withinGroup === undefined ? {} : { withinGroup }),
    ...(filter === undefined ? {} : { filter }),
    ...(nulls === undefined ? {} : { nulls }),
    ...(direction === 'LAST' ? { fromLast: true } : {}),
    ...(over === undefined ? {} : { over }),
  };
}

/** `FROM FIRST` or `FROM LAST` before OVER; without it, `FROM LAST` names a table. */
function fromEnd(g: Grammar): string | undefined {
  const { cursor } = g;
  const next = cursor.peek(2);
  const goesOn = next.kind === 'word' && ['OVER', 'IGNORE', 'RESPECT'].includes(next.value);
  if (!goesOn || !(cursor.isKeyword('FROM', 'FIRST') || cursor.isKeyword('FROM', 'LAST'))) return undefined;
  cursor.next();
  return cursor.next().value;
}

export function parseOrderItems(g: Grammar): OrderItem[] {
  const { cursor } = g;
  return commaList(cursor, () => {
    const expr = g.expression();
    const direction = cursor.acceptOneOf('ASC', 'DESC');
    const nulls = cursor.accept('NULLS') ? cursor.acceptOneOf('FIRST', 'LAST') : undefined;
    return {
      expr,
      descending: direction === 'DESC',
      ...(nulls === undefined ? {} : { nulls: nulls as 'FIRST' | 'LAST' }),
    };
  });
}

function parseWindow(g: Grammar): Window {
  const { cursor } = g;
  if (!cursor.isSymbol('(')) return { name: ident(cursor).name, partitionBy: [], orderBy: [] };
  cursor.expectSymbol('(');
  const partitionBy = cursor.accept('PARTITION', 'BY') ? commaList(cursor, g.expression) : [];
  const orderBy = cursor.accept('ORDER', 'BY') ? parseOrderItems(g) : [];
  const frame = parseFrame(g);
  cursor.expectSymbol(')');
  return { partitionBy, orderBy, ...(frame === undefined ? {} : { frame }) };
}

function parseFrame(g: Grammar): Frame | undefined {
  const { cursor } = g;
  const unit = cursor.acceptOneOf('ROWS', 'RANGE', 'GROUPS') as Frame['unit'] | undefined;
  if (unit === undefined) return undefined;
  if (!cursor.accept('BETWEEN')) return { unit, from: parseBound(g) };
  const from = parseBound(g);
  cursor.expect('AND');
  return { unit, from, to: parseBound(g) };
}

function parseBound(g: Grammar): FrameBound {
  const { cursor } = g;
  if (cursor.accept('CURRENT', 'ROW')) return { kind: 'CURRENT ROW' };
  const unbounded = cursor.accept('UNBOUNDED');
  const offset = unbounded ? undefined : g.expression();
  const side = cursor.acceptOneOf('PRECEDING', 'FOLLOWING');
  if (side === undefined) throw cursor.error();
  if (offset === undefined) return { kind: `UNBOUNDED ${side as 'PRECEDING' | 'FOLLOWING'}` };
  return { kind: side as 'PRECEDING' | 'FOLLOWING', offset };
}
