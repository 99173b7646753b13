import { LocalError } from '../../engine/local-error.js';
import type { CallExpr, Expr, Query } from '../grammar/ast.js';
import { parseExpressionText, parseQueryText } from '../grammar/statements.js';
import { quoteName, tokenize } from '../lexer.js';
import type { UserFunction } from '../scope.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import { type Context, compilationError, freshAlias } from './context.js';
import { typeName } from './invalid-cast.js';
import type { Frame, OutColumn } from './names.js';
import { chooseOverload } from './overloads.js';
import { scriptTable } from './script-table.js';
import type { EmittedTableFunction } from './table-functions.js';
import { jsonOf } from './text-casts.js';
import { NULL, type Typed, VARIANT } from './typed.js';

/** Functions that call each other deeper than this are taken to never end. */
const DEEPEST = 50;

/** A call of a user-defined scalar function; undefined when no function has the name. */
export function emitUserFunction(node: CallExpr, cx: Context): Typed | undefined {
  const called = resolve(node, cx);
  if (called === undefined) return undefined;
  const { routine, values } = called;
  if (routine.table !== undefined) throw invalidUse(routine, node, cx);
  const result = routine.language === 'JAVASCRIPT' ? javascript(routine, values) : sqlValue(routine, values, cx);
  const converted = castTo(result, routine.returns);
  if (!routine.strict || values.length === 0) return converted;
  const anyNull = values.map(({ sql }) => `${sql} IS NULL`).join(' OR ');
  return { ...converted, sql: `CASE WHEN ${anyNull} THEN NULL ELSE ${converted.sql} END` };
}

/** Whether the name is that of a table function in JavaScript. */
export function isScriptTable(node: CallExpr, cx: Context): boolean {
  return cx.scope.functions(node.name).some(({ table, language }) => table !== undefined && language === 'JAVASCRIPT');
}

/** `TABLE(f(…))` of a user-defined table function; undefined when no function has the name. */
export function emitUserTable(node: CallExpr, cx: Context): EmittedTableFunction | undefined {
  const called = resolve(node, cx);
  if (called === undefined) return undefined;
  const { routine, values } = called;
  if (routine.table === undefined) throw invalidUse(routine, node, cx);
  if (routine.language === 'JAVASCRIPT') return scriptTable(routine, argumentsJson(values), node, cx);
  if (node.over !== undefined) throw unsupported('OVER of a table function in SQL');
  const alias = freshAlias(cx, 'UDTF');
  const inner = bodyContext(routine, cx, parameters(routine, alias));
  const body = deeper(cx, () => cx.query(parseQueryText(routine.body), inner));
  const columns = routine.table;
  if (body.columns !== undefined && body.columns.length !== columns.length) {
    throw new LocalError(
      '002043',
      '42601',
      `SQL compilation error:\nthe body of ${routine.name} gives ${body.columns.length} columns, it declares ${columns.length}.`,
    );
  }
  const list = columns.map((column, i): { sql: string; out: OutColumn } => {
    const from: Typed = { sql: `"body"."c${i}"`, type: body.columns?.[i]?.type ?? { name: 'UNKNOWN' } };
    return {
      sql: `${castTo(from, column.type).sql} AS ${quoteName(column.name)}`,
      out: { name: column.name, type: column.type },
    };
  });
  const names = columns.map((_, i) => `"c${i}"`).join(', ');
  const cells = list.map(({ sql }) => sql).join(', ');
  const source =
    values.length === 0
      ? `(${body.sql}) AS "body"(${names})`
      : `(${argumentRow(routine, values)}) AS ${quoteName(alias)}, LATERAL (${body.sql}) AS "body"(${names})`;
  return { sql: `SELECT ${cells} FROM ${source}`, columns: list.map(({ out }) => out), lateral: values.length > 0 };
}

interface Called {
  readonly routine: UserFunction;
  /** One for each parameter, in its type. */
  readonly values: readonly Typed[];
}

function resolve(node: CallExpr, cx: Context): Called | undefined {
  const candidates = cx.scope.functions(node.name);
  if (candidates.length === 0) return undefined;
  const given = node.args.map(({ name, value }) => ({ name, value: cx.expression(value, cx) }));
  const choice = chooseOverload(
    candidates,
    given.map(({ name, value }) => ({ name, type: value.type })),
  );
  if (choice === undefined) {
    const types = given.map(({ value }) => typeName(value.type)).join(', ');
    throw compilationError(
      cx,
      '001044',
      '42P13',
      `Invalid argument types for function '${node.name.at(-1)}': (${types})`,
      node.start,
    );
  }
  const { routine, places } = choice;
  const values = routine.arguments.map((argument, i) => {
    const place = places[i];
    const value = place === undefined ? defaultValue(argument.default, routine, cx) : (given[place]?.value as Typed);
    return castTo(value, argument.type);
  });
  return { routine, values };
}

function defaultValue(text: string | undefined, routine: UserFunction, cx: Context): Typed {
  if (text === undefined) return { sql: 'NULL', type: NULL };
  const inner = bodyContext({ ...routine, body: text }, cx, new Map());
  return inner.expression(parseExpressionText(text), inner);
}

/** The body as a value: an expression, or a query of one row and column. */
function sqlValue(routine: UserFunction, values: readonly Typed[], cx: Context): Typed {
  const body = bodyOf(routine.body);
  const holdsQuery = tokenize(routine.body).some(({ kind, value }) => kind === 'word' && value === 'SELECT');
  return deeper(cx, () => {
    if ('expr' in body && (!holdsQuery || body.plain)) {
      const direct = new Map(routine.arguments.map(({ name }, i) => [name, values[i] as Typed]));
      const inner = bodyContext(routine, cx, direct);
      return inner.expression(body.expr, inner);
    }
    // Names inside the body's own queries could hide those of the arguments, so these get a row of their own.
    const alias = freshAlias(cx, 'UDF');
    const inner = bodyContext(routine, cx, parameters(routine, alias));
    const result: Typed =
      'expr' in body ? inner.expression(body.expr, inner) : scalarQuery(cx.query(body.query, inner));
    if (values.length === 0) return result;
    const sql = `(SELECT ${result.sql} FROM (${argumentRow(routine, values)}) AS ${quoteName(alias)})`;
    return { sql, type: result.type };
  });
}

function scalarQuery({ sql, columns }: { sql: string; columns: readonly OutColumn[] | undefined }): Typed {
  return { sql: `(${sql})`, type: columns?.[0]?.type ?? { name: 'UNKNOWN' } };
}

/** `SELECT expr` without more is its expression; `plain`: it holds no query further in. */
function bodyOf(text: string): { expr: Expr; plain: boolean } | { query: Query } {
  const first = tokenize(text).find((token) => token.value !== '(');
  if (first?.kind !== 'word' || !['SELECT', 'WITH', 'VALUES'].includes(first.value)) {
    return { expr: parseExpressionText(text), plain: false };
  }
  const query = parseQueryText(text);
  const { body } = query;
  const item = body.kind === 'select' && body.items.length === 1 ? body.items[0] : undefined;
  const bare =
    body.kind === 'select' &&
    query.with.length === 0 &&
    query.orderBy.length === 0 &&
    query.limit === undefined &&
    [body.from, body.where, body.groupBy, body.having, body.qualify, body.top].every((part) => part === undefined);
  const selects = tokenize(text).filter(({ kind, value }) => kind === 'word' && value === 'SELECT').length;
  return bare && item !== undefined && selects === 1 ? { expr: item.expr, plain: true } : { query };
}

function parameters(routine: UserFunction, alias: string): ReadonlyMap<string, Typed> {
  return new Map(
    routine.arguments.map(({ name, type }) => [
      name,
      { sql: `${quoteName(alias)}.${quoteName(name)}`, type, exact: true },
    ]),
  );
}

function argumentRow(routine: UserFunction, values: readonly Typed[]): string {
  return `SELECT ${routine.arguments.map(({ name }, i) => `${values[i]?.sql} AS ${quoteName(name)}`).join(', ')}`;
}

/** Where a body stands: it sees its parameters, and the names of the schema that the function is in. */
function bodyContext(routine: UserFunction, cx: Context, shared: ReadonlyMap<string, Typed>): Context {
  const frame: Frame = { sources: [], shared, alias: () => undefined, parent: undefined };
  const { hierarchy: _none, ungrouped, ...rest } = cx;
  return {
    ...rest,
    text: routine.body,
    scope: routine.scope,
    frame,
    ctes: new Map(),
    lambda: new Map(),
    expression: ungrouped ?? cx.expression,
  };
}

function deeper<T>(cx: Context, emit: () => T): T {
  const { views } = cx.gathered;
  if (views.length > DEEPEST) {
    throw new LocalError(
      '002077',
      '42601',
      'SQL compilation error:\nUser-defined functions call each other too deeply.',
    );
  }
  views.push(0);
  try {
    return emit();
  } finally {
    views.pop();
  }
}

/** JavaScript runs outside DuckDB, on the arguments as JSON; see `javascript/`. */
function javascript(routine: UserFunction, values: readonly Typed[]): Typed {
  return {
    sql: `CAST(js_call(${routine.id}, ${argumentsJson(values)}) AS JSON)`,
    type: VARIANT,
    exact: true,
  };
}

function argumentsJson(values: readonly Typed[]): string {
  return `CAST(json_array(${values.map((value) => argumentJson(value)).join(', ')}) AS VARCHAR)`;
}

/** Dates and timestamps travel as milliseconds since the epoch. */
function argumentJson(value: Typed): string {
  switch (value.type.name) {
    case 'DATE':
    case 'TIMESTAMP_NTZ':
      return `epoch_ms(CAST(${value.sql} AS TIMESTAMP))`;
    case 'TIMESTAMP_LTZ':
      return `epoch_ms(${value.sql})`;
    case 'TIMESTAMP_TZ':
      return `epoch_ms(_fn.tz_instant(${value.sql}))`;
    case 'TIME':
      throw unsupported('an argument of type TIME in JavaScript');
    default:
      return jsonOf(value);
  }
}

function invalidUse(routine: UserFunction, node: CallExpr, cx: Context): LocalError {
  return routine.table === undefined
    ? compilationError(
        cx,
        '002141',
        '42601',
        `Unknown user-defined table function ${routine.name}; it is a scalar function`,
        node.start,
      )
    : compilationError(
        cx,
        '002140',
        '42601',
        `Unknown function ${routine.name}; it is a table function, which stands in FROM as TABLE(${routine.name}(…))`,
        node.start,
      );
}
