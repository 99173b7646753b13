import { Call } from '../functions/call.js';
import { isAggregate, isWindowFunction, NAVIGATION_NAMES, OWN_FUNCTIONS } from '../functions/row-pattern-functions.js';
import { emitOver } from '../functions/window.js';
import type { CallExpr, Expr, Frame, MatchRecognize, OrderItem, StarExpr, Window } from '../grammar/ast.js';
import { duckString, quoteName } from '../lexer.js';
import { type Context, compilationError } from './context.js';
import { lookUp } from './names.js';
import { hasQuery, notThere } from './row-pattern-limits.js';
import { symbolsIn } from './row-pattern-symbols.js';
import { BOOLEAN, fixed, INTEGER, TEXT, type Typed, typed } from './typed.js';

/** The rows of matches, as the columns of a derived table. */
export interface MatchedRows {
  /** Its name. It has `p0`, `p1`, … (the partition), `match`, `place` (in the match, from 1) and `symbol` (a number, NULL in an empty match). */
  readonly alias: string;
  readonly keys: number;
  readonly symbols: ReadonlyMap<string, number>;
  readonly rows: MatchRecognize['rows'];
  readonly matchesEmpty: boolean;
}

const WHOLE: Frame = {
  unit: 'ROWS',
  from: { kind: 'UNBOUNDED PRECEDING' },
  to: { kind: 'UNBOUNDED FOLLOWING' },
};
const UP_TO_HERE: Frame = { unit: 'ROWS', from: { kind: 'UNBOUNDED PRECEDING' }, to: { kind: 'CURRENT ROW' } };

/** They look at all rows of the match. */
const UNFRAMED = new Set('LAG LEAD ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST NTILE'.split(' '));

/** What an expression of MEASURES means: window functions are over the match. */
export function measureContext(cx: Context, matched: MatchedRows): Context {
  return { ...cx, expression: (expr, at) => new Measures(cx, matched).expression(expr, at) };
}

class Measures {
  readonly #cx: Context;
  readonly #matched: MatchedRows;
  /** Expressions that stand for columns which have no name in Snowflake. */
  readonly #own = new Map<Expr, Typed>();

  constructor(cx: Context, matched: MatchedRows) {
    this.#cx = cx;
    this.#matched = matched;
  }

  expression(expr: Expr, at: Context): Typed {
    switch (expr.kind) {
      case 'column': {
        const own = this.#ownFunction(expr, at);
        if (own !== undefined) return own;
        if (this.#symbolOf(expr) === undefined) break;
        return this.#windowCall(
          { kind: 'call', name: ['LAST'], args: [{ value: expr }], start: expr.start, end: expr.end },
          at,
        );
      }
      case 'call': {
        const [name = ''] = expr.name;
        if (expr.name.length > 1) break;
        if (isWindowFunction(name)) return this.#windowCall(expr, at);
        if (expr.semantics !== undefined)
          throw notThere(this.#cx, `${expr.semantics} ${name}`, 'It is for window functions.', expr.start);
        if (OWN_FUNCTIONS.has(name) && expr.args.length === 0) return this.#valueOf(name);
        break;
      }
      default:
        break;
    }
    return this.#cx.expression(expr, hasQuery(expr) ? { ...at, expression: this.#cx.expression } : at);
  }

  /** Inside a window function: rows of one symbol are told by its filter, so that the symbol's name is left out here. */
  #argument(expr: Expr, at: Context): Typed {
    const known = this.#own.get(expr);
    if (known !== undefined) return known;
    if (expr.kind === 'column') {
      const own = this.#ownFunction(expr, at);
      if (own !== undefined) return own;
      if (this.#symbolOf(expr) !== undefined) return this.#cx.expression({ ...expr, parts: expr.parts.slice(1) }, at);
    }
    if (expr.kind === 'call' && expr.name.length === 1) {
      const [name = ''] = expr.name;
      if (OWN_FUNCTIONS.has(name) && expr.args.length === 0) return this.#valueOf(name);
      if (isWindowFunction(name))
        throw compilationError(this.#cx, '002076', '42601', 'Window function calls cannot be nested.', expr.start);
    }
    return this.#cx.expression(expr, at);
  }

  #symbolOf(expr: Expr & { kind: 'column' }): number | undefined {
    const [first] = expr.parts;
    return expr.parts.length === 2 && first !== undefined ? this.#matched.symbols.get(first.name) : undefined;
  }

  /** CLASSIFIER and its kin without parentheses, unless a column has the name. */
  #ownFunction(expr: Expr & { kind: 'column' }, at: Context): Typed | undefined {
    const [first] = expr.parts;
    if (first === undefined || expr.parts.length > 1 || first.quoted || !OWN_FUNCTIONS.has(first.name))
      return undefined;
    return 'found' in lookUp(at.frame, expr.parts) ? undefined : this.#valueOf(first.name);
  }

  #column(name: string): string {
    return `${quoteName(this.#matched.alias)}."${name}"`;
  }

  #valueOf(name: string): Typed {
    if (name === 'MATCH_NUMBER') return typed(this.#column('match'), fixed(18, 0));
    if (name === 'MATCH_SEQUENCE_NUMBER') return typed(this.#column('place'), fixed(18, 0));
    const names = [...this.#matched.symbols.keys()].map(duckString);
    return typed(`list_extract([${names.join(', ')}], ${this.#column('symbol')} + 1)`, TEXT, true);
  }

  #windowCall(node: CallExpr, at: Context): Typed {
    const written = node.name[0] as string;
    const name = NAVIGATION_NAMES.get(written) ?? written;
    const final = node.semantics === undefined ? this.#matched.rows === 'one' : node.semantics === 'FINAL';
    const { symbol, args } = this.#predicated(node);
    const aggregate = isAggregate(name);
    const edge = name === 'FIRST_VALUE' || name === 'LAST_VALUE';
    if (symbol !== undefined && !aggregate && !edge)
      throw notThere(this.#cx, `${written} of a symbol's column`, 'Name the column alone.', node.start);
    if (symbol !== undefined && edge && !final)
      throw notThere(this.#cx, `RUNNING ${written} of a symbol's column`, `Write FINAL ${written}(…).`, node.start);
    const frame = node.over?.frame ?? (UNFRAMED.has(name) ? undefined : final ? WHOLE : UP_TO_HERE);
    const call: CallExpr = { ...node, name: [name], args, over: this.#over(node.over, frame) };
    const inner: Context = { ...at, expression: (expr, place) => this.#argument(expr, place) };
    if (edge) return this.#edge(call, symbol, inner);
    if (aggregate) return this.#cx.call(this.#filtered(call, symbol), inner);
    const value = this.#cx.call(call, inner);
    if (!this.#matched.matchesEmpty) return value;
    return { ...value, sql: `CASE WHEN ${this.#column('symbol')} IS NOT NULL THEN ${value.sql} END` };
  }

  /** The symbol whose rows alone the function looks at; `symbol.*` becomes `*`. */
  #predicated(node: CallExpr): { symbol: number | undefined; args: CallExpr['args'] } {
    const { names, plain } = symbolsIn([node.args, node.withinGroup ?? []], this.#matched.symbols);
    const [first] = names;
    if (first === undefined) return { symbol: undefined, args: node.args };
    const mixed = plain.some((parts) => 'found' in lookUp(this.#cx.frame, parts));
    if (names.size > 1 || mixed)
      throw compilationError(
        this.#cx,
        '001003',
        '42000',
        `all columns in ${node.name[0]} must be those of one symbol, or of none.`,
        node.start,
      );
    const args = node.args.map((arg) =>
      arg.value.kind === 'star' ? { ...arg, value: { ...arg.value, qualifier: [] } satisfies StarExpr } : arg,
    );
    return { symbol: this.#matched.symbols.get(first), args };
  }

  #node(value: Typed): Expr {
    const expr: Expr = { kind: 'null', start: 0, end: 0 };
    this.#own.set(expr, value);
    return expr;
  }

  #over(given: Window | undefined, frame: Frame | undefined): Window {
    const keys = Array.from({ length: this.#matched.keys }, (_, i) => `p${i}`);
    const partition = [...keys, 'match'].map((name) => this.#node(typed(this.#column(name), INTEGER)));
    const place: OrderItem = { expr: this.#node(typed(this.#column('place'), INTEGER)), descending: false };
    return {
      partitionBy: [...partition, ...(given?.partitionBy ?? [])],
      orderBy: given !== undefined && given.orderBy.length > 0 ? given.orderBy : [place],
      ...(frame === undefined ? {} : { frame }),
    };
  }

  /** Which rows of the match count; undefined: all. The row of an empty match does not. */
  #condition(symbol: number | undefined): string | undefined {
    if (symbol !== undefined) return `${this.#column('symbol')} = ${symbol}`;
    return this.#matched.matchesEmpty ? `${this.#column('symbol')} IS NOT NULL` : undefined;
  }

  #filtered(call: CallExpr, symbol: number | undefined): CallExpr {
    const condition = this.#condition(symbol);
    return condition === undefined ? call : { ...call, filter: this.#node(typed(condition, BOOLEAN, true)) };
  }

  /** FIRST and LAST of the rows that count, their NULLs included. */
  #edge(node: CallExpr, symbol: number | undefined, cx: Context): Typed {
    const condition = this.#condition(symbol);
    if (condition === undefined) return this.#cx.call(node, cx);
    const call = new Call(node, cx);
    if (call.count > 1)
      throw call.error(
        '000939',
        '22023',
        `too many arguments for function [${call.name}] expected 1, got ${call.count}`,
      );
    const value = call.arg(0);
    const counts = node.nulls === 'IGNORE' ? `${condition} AND ${value.sql} IS NOT NULL` : condition;
    const packed = `CASE WHEN ${counts} THEN struct_pack(v := ${value.sql}) END`;
    const sql = `struct_extract(${call.name.toLowerCase()}(${packed} IGNORE NULLS)${emitOver(call)}, 'v')`;
    return typed(sql, value.type, value.exact === true);
  }
}
