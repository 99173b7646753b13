import type { CallExpr, Expr } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { asInteger, asText, asVariant } from './coerce.js';
import { type Context, compilationError } from './context.js';
import type { OutColumn } from './names.js';
import { INTEGER, TEXT, VARIANT } from './typed.js';

export interface EmittedTableFunction {
  readonly sql: string;
  readonly columns: readonly OutColumn[];
  /** Its arguments may name columns of the items to its left. */
  readonly lateral: boolean;
  /** GENERATOR: the column with the row's number. */
  readonly row?: string;
}

/** Table functions that need nothing of the session; undefined for all others. */
export function emitTableFunction(call: CallExpr, cx: Context): EmittedTableFunction | undefined {
  if (call.name.length > 1) return undefined;
  switch (call.name[0]) {
    case 'FLATTEN':
      return flatten(call, cx);
    case 'GENERATOR':
      return generator(call, cx);
    case 'SPLIT_TO_TABLE':
      return splitRows(call, cx, (text, delimiter) => `string_split(${text}, ${delimiter})`);
    case 'STRTOK_SPLIT_TO_TABLE':
      return splitRows(call, cx, (text, delimiter) => `_fn.strtok_list(${text}, ${delimiter})`);
    default:
      return undefined;
  }
}

function named(call: CallExpr, name: string, position: number): Expr | undefined {
  return (
    call.args.find((arg) => arg.name === name)?.value ??
    (call.args[position]?.name === undefined ? call.args[position]?.value : undefined)
  );
}

const FLATTEN_COLUMNS: readonly OutColumn[] = [
  { name: 'SEQ', type: INTEGER },
  { name: 'KEY', type: TEXT },
  { name: 'PATH', type: TEXT },
  { name: 'INDEX', type: INTEGER },
  { name: 'VALUE', type: VARIANT },
  { name: 'THIS', type: VARIANT },
];

/** FLATTEN by DuckDB's json_each, or json_tree when RECURSIVE. */
function flatten(call: CallExpr, cx: Context): EmittedTableFunction {
  const input = named(call, 'INPUT', 0);
  if (input === undefined)
    throw compilationError(
      cx,
      '000938',
      '22023',
      'not enough arguments for function [FLATTEN], expected 1, got 0',
      call.start,
    );
  const constant = (name: string, position: number): string | undefined => {
    const expr = named(call, name, position);
    if (expr === undefined) return undefined;
    if (expr.kind === 'boolean') return String(expr.value).toUpperCase();
    if (expr.kind === 'string') return expr.value;
    throw compilationError(cx, '001015', '22023', `argument ${name} of FLATTEN needs to be constant`, expr.start);
  };
  const path = constant('PATH', 1) ?? '';
  const outer = constant('OUTER', 2) === 'TRUE';
  const recursive = constant('RECURSIVE', 3) === 'TRUE';
  const mode = (constant('MODE', 4) ?? 'BOTH').toUpperCase();
  const kinds = mode === 'BOTH' ? "('ARRAY', 'OBJECT')" : `(${duckString(mode)})`;
  const whole = asVariant(cx.expression(input, cx));
  const value =
    path === '' ? whole : `json_extract(${whole}, ${duckString(`$${path.startsWith('[') ? '' : '.'}${path}`)})`;
  const prefix = duckString(path);
  const source = `(SELECT ${value} AS v, ${sequenceOf(cx)} AS seq)`;
  const rows = recursive ? recursiveRows(source, prefix, kinds) : plainRows(source, prefix, kinds);
  const none = `SELECT i.seq, NULL, ${path === '' ? 'NULL' : prefix}, NULL, NULL, i.v FROM ${source} AS i WHERE NOT coalesce(json_type(i.v) IN ${kinds} AND CAST(i.v AS VARCHAR) NOT IN ('[]', '{}'), FALSE)`;
  const names = FLATTEN_COLUMNS.map((column) => `"${column.name}"`).join(', ');
  const casts =
    'CAST("SEQ" AS DECIMAL(38, 0)) AS "SEQ", "KEY", "PATH", CAST("INDEX" AS DECIMAL(38, 0)) AS "INDEX", "VALUE", "THIS"';
  return {
    sql: `SELECT ${casts} FROM (${rows}${outer ? ` UNION ALL ${none}` : ''}) AS "flat"(${names})`,
    columns: FLATTEN_COLUMNS,
    lateral: true,
  };
}

/** SEQ tells the input rows apart: the row number of the table to the left; rows of a subquery all count as one input. */
function sequenceOf(cx: Context): string {
  const rowid = cx.frame?.sources.findLast((source) => source.rowid !== undefined)?.rowid;
  return rowid === undefined ? '1' : `${rowid} + 1`;
}

function plainRows(source: string, prefix: string, kinds: string): string {
  const isArray = "json_type(i.v) = 'ARRAY'";
  return (
    `SELECT i.seq, CASE WHEN NOT ${isArray} THEN e.key END, _fn.join_path(${prefix}, e.key, ${isArray}), CASE WHEN ${isArray} THEN TRY_CAST(e.key AS BIGINT) END, e.value, i.v` +
    ` FROM ${source} AS i, json_each(i.v) AS e WHERE json_type(i.v) IN ${kinds}`
  );
}

function recursiveRows(source: string, prefix: string, kinds: string): string {
  const isArray = "substr(e.fullkey, length(e.path) + 1, 1) = '['";
  const parent = "CASE WHEN e.path = '$' THEN i.v ELSE json_extract(i.v, e.path) END";
  return (
    `SELECT i.seq, CASE WHEN NOT ${isArray} THEN e.key END, _fn.tree_path(${prefix}, e.fullkey), CASE WHEN ${isArray} THEN TRY_CAST(e.key AS BIGINT) END, e.value, ${parent}` +
    ` FROM ${source} AS i, json_tree(i.v) AS e WHERE e.fullkey <> '$' AND json_type(${parent}) IN ${kinds}`
  );
}

/** Rows without columns; SEQ4 and its kin number them. */
function generator(call: CallExpr, cx: Context): EmittedTableFunction {
  const count = named(call, 'ROWCOUNT', 0);
  if (count === undefined) throw unsupported('GENERATOR without ROWCOUNT');
  const rows = asInteger(cx.expression(count, cx));
  return { sql: `SELECT "range" AS "_ROW" FROM range(${rows})`, columns: [], lateral: false, row: '_ROW' };
}

function splitRows(
  call: CallExpr,
  cx: Context,
  split: (text: string, delimiter: string) => string,
): EmittedTableFunction {
  const [text, delimiter] = call.args;
  if (text === undefined)
    throw compilationError(cx, '000938', '22023', `not enough arguments for function [${call.name[0]}]`, call.start);
  const mark = delimiter === undefined ? "' '" : asText(cx.expression(delimiter.value, cx));
  const list = split(asText(cx.expression(text.value, cx)), mark);
  const columns: OutColumn[] = [
    { name: 'SEQ', type: INTEGER },
    { name: 'INDEX', type: INTEGER },
    { name: 'VALUE', type: TEXT },
  ];
  return {
    sql: `SELECT CAST(1 AS DECIMAL(38, 0)) AS "SEQ", CAST(generate_subscripts(l, 1) AS DECIMAL(38, 0)) AS "INDEX", unnest(l) AS "VALUE" FROM (SELECT ${list} AS l) AS "split"`,
    columns,
    lateral: true,
  };
}
