import type { CallExpr, Expr } from '../grammar/ast.js';
import { duckString, quoteName } from '../lexer.js';
import type { UserFunction } from '../scope.js';
import { unsupported } from '../syntax-error.js';
import { asInteger, asText, asVariant } from './coerce.js';
import { type Context, compilationError } from './context.js';
import { typeName } from './invalid-cast.js';
import type { OutColumn } from './names.js';
import { INTEGER, TEXT, VARIANT } from './typed.js';

export interface EmittedTableFunction {
  readonly sql: string;
  readonly columns: readonly OutColumn[];
  /** Its arguments may name columns of the items to its left. */
  readonly lateral: boolean;
  /** GENERATOR: the column with the row's number. */
  readonly row?: string;
  /** The same rows as one list for each row to the left. */
  readonly unnest?: Unnesting;
  /** The same, called with the rows to the left one after the other. */
  readonly script?: ScriptTable;
}

/** A table function that makes a list of each row to its left. */
export interface Unnesting {
  /** Names and values that are computed once for the row to the left. */
  readonly inputs: readonly (readonly [name: string, sql: string])[];
  /** The list, over the inputs. */
  readonly list: string;
  /** The columns, over the inputs and the list's element `e`. */
  readonly outputs: readonly string[];
}

/** A table function that is called with a row after the other, and once more at the end of a partition. */
export interface ScriptTable {
  readonly id: number;
  /** The arguments of a row as a JSON array. */
  readonly arguments: string;
  readonly columns: NonNullable<UserFunction['table']>;
  /** Keys of OVER: rows with equal ones go together, in the order of `order`. */
  readonly partition?: readonly string[];
  readonly order: readonly string[];
}

/** `kept` are columns of the row to the left that go on beside the function's own; `from` is where they come from. */
export function unnestSql(
  { inputs, list, outputs }: Unnesting,
  columns: readonly OutColumn[],
  kept: readonly (readonly [name: string, sql: string])[] = [],
  from = '',
): string {
  const named = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map(([name, sql]) => `${sql} AS ${quoteName(name)}`).join(', ');
  const keptNames = kept.map(([name]) => quoteName(name));
  const own = outputs.map((sql, i) => `${sql} AS ${quoteName(columns[i]?.name ?? '')}`);
  const inputNames = inputs.map(([name]) => quoteName(name));
  return (
    `SELECT ${[...keptNames, ...own].join(', ')} FROM (SELECT ${[...keptNames, ...inputNames].join(', ')}, unnest(${list}) AS e` +
    ` FROM (SELECT ${named([...kept, ...inputs])}${from}))`
  );
}

function unnesting(columns: readonly OutColumn[], unnest: Unnesting): EmittedTableFunction {
  return { sql: unnestSql(unnest, columns), columns, lateral: true, unnest };
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

const FLATTENED: ReadonlySet<string> = new Set(['VARIANT', 'OBJECT', 'ARRAY', 'NULL', 'UNKNOWN']);

/** FLATTEN unnests one list for each row to its left. */
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
  const kinds = mode === 'BOTH' ? "['ARRAY', 'OBJECT']" : `[${duckString(mode)}]`;
  const given = cx.expression(input, cx);
  if (!FLATTENED.has(given.type.name))
    throw compilationError(
      cx,
      '001044',
      '42P13',
      `invalid type [${typeName(given.type)}] for parameter 'INPUT'`,
      input.start,
    );
  const whole = asVariant(given);
  const value =
    path === '' ? whole : `json_extract(${whole}, ${duckString(`$${path.startsWith('[') ? '' : '.'}${path}`)})`;
  const prefix = duckString(path);
  const rows = `_fn.${recursive ? 'flatten_tree' : 'flatten_rows'}("in:v", ${prefix}, ${kinds})`;
  const none = `_fn.flatten_none("in:v", ${path === '' ? 'CAST(NULL AS VARCHAR)' : prefix})`;
  return unnesting(FLATTEN_COLUMNS, {
    inputs: [
      ['in:v', value],
      ['in:seq', `CAST(${sequenceOf(cx)} AS DECIMAL(38, 0))`],
    ],
    list: outer ? `CASE WHEN coalesce(len(${rows}), 0) = 0 THEN ${none} ELSE ${rows} END` : rows,
    outputs: [
      '"in:seq"',
      'e."KEY"',
      'e."PATH"',
      'CAST(e."INDEX" AS DECIMAL(38, 0))',
      'e."VALUE"',
      recursive ? 'e."THIS"' : '"in:v"',
    ],
  });
}

/** SEQ tells the input rows apart: the row number of the table to the left; rows of a subquery all count as one input. */
function sequenceOf(cx: Context): string {
  const rowid = cx.frame?.sources.findLast((source) => source.rowid !== undefined)?.rowid;
  return rowid === undefined ? '1' : `${rowid} + 1`;
}

/** Rows without columns; SEQ4 and its kin number them. */
function generator(call: CallExpr, cx: Context): EmittedTableFunction {
  const count = named(call, 'ROWCOUNT', 0);
  if (count === undefined) throw unsupported('GENERATOR without ROWCOUNT');
  const rows = asInteger(cx.expression(count, cx));
  return { sql: `SELECT "range" AS "_ROW" FROM range(${rows})`, columns: [], lateral: false, row: '_ROW' };
}

const SPLIT_COLUMNS: readonly OutColumn[] = [
  { name: 'SEQ', type: INTEGER },
  { name: 'INDEX', type: INTEGER },
  { name: 'VALUE', type: TEXT },
];

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
  return unnesting(SPLIT_COLUMNS, {
    inputs: [
      ['in:l', list],
      ['in:seq', `CAST(${sequenceOf(cx)} AS DECIMAL(38, 0))`],
    ],
    list: `list_transform("in:l", lambda x, i: {'i': i, 'x': x})`,
    outputs: ['"in:seq"', 'CAST(e.i AS DECIMAL(38, 0))', 'e.x'],
  });
}
