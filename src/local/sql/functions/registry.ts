import { LocalError } from '../../engine/local-error.js';
import { type Context, compilationError } from '../emit/context.js';
import { InvalidCast, typeName } from '../emit/invalid-cast.js';
import { textOf } from '../emit/text-casts.js';
import { INTEGER, isSnowflakeType, TEXT, type Typed, typed, UNKNOWN } from '../emit/typed.js';
import { emitUserFunction } from '../emit/user-function.js';
import type { CallExpr } from '../grammar/ast.js';
import { TokenCursor } from '../token-cursor.js';
import { AGGREGATES } from './aggregates.js';
import { ARRAYS } from './arrays.js';
import { Call, type FunctionTable } from './call.js';
import { keepingCollation } from './collated-calls.js';
import { CONDITIONALS } from './conditional.js';
import { CONVERSIONS } from './conversions.js';
import { DATES } from './dates.js';
import { ENCRYPTION } from './encryption.js';
import { GEOSPATIAL } from './geospatial.js';
import { INTERPOLATION } from './interpolation.js';
import { NUMERIC } from './numeric.js';
import { OBJECTS } from './objects.js';
import { SEARCHES } from './search.js';
import { SEMI_STRUCTURED } from './semi-structured.js';
import { SEQUENCES } from './sequences.js';
import { STRINGS } from './strings.js';
import { VARIANT_TYPES } from './variant-types.js';
import { VECTORS } from './vectors.js';
import { WINDOW_FUNCTIONS } from './window.js';
import { XML_FUNCTIONS } from './xml.js';

const FUNCTIONS: ReadonlyMap<string, FunctionTable[string]> = new Map(
  [
    CONDITIONALS,
    NUMERIC,
    STRINGS,
    ENCRYPTION,
    DATES,
    CONVERSIONS,
    SEMI_STRUCTURED,
    ARRAYS,
    OBJECTS,
    VARIANT_TYPES,
    VECTORS,
    XML_FUNCTIONS,
    SEQUENCES,
    AGGREGATES,
    WINDOW_FUNCTIONS,
    INTERPOLATION,
    GEOSPATIAL,
    SEARCHES,
  ].flatMap((table) => Object.entries(table)),
);

/** Translates a call by its rule; context functions are asked of the session, and what nobody knows is an error (002140). */
export function emitCall(node: CallExpr, cx: Context): Typed {
  const name = node.name[node.name.length - 1] as string;
  const rule = node.name.length === 1 ? FUNCTIONS.get(name) : undefined;
  if (rule === undefined) return contextCall(node, name, cx);
  const ofRows = name in AGGREGATES && node.over === undefined && cx.ungrouped !== undefined;
  const at: Context = ofRows ? { ...cx, expression: cx.ungrouped ?? cx.expression, ungrouped: undefined } : cx;
  const call = new Call(node, at, rule.names);
  const given = node.args.length;
  if (given < rule.min)
    throw call.error(
      '000938',
      '22023',
      `not enough arguments for function [${shown(node, cx)}], expected ${rule.min}, got ${given}`,
    );
  if (given > rule.max)
    throw call.error(
      '000939',
      '22023',
      `too many arguments for function [${shown(node, cx)}] expected ${rule.max}, got ${given}`,
    );
  try {
    return keepingCollation(rule.emit(call), name, () => call.args());
  } catch (error) {
    if (!(error instanceof InvalidCast) || error.placed) throw error;
    if (/^(TRY_)?TO_|^(DATE|TIME|TIMESTAMP|DATETIME)$/.test(name))
      throw new InvalidCast(shown(node, cx), error.to, true);
    throw call.wrongTypes();
  }
}

function shown(node: CallExpr, cx: Context): string {
  return cx.text.slice(node.start, node.end).toUpperCase();
}

/** CURRENT_DATABASE(), LAST_QUERY_ID(), SYSTEM$TYPEOF(…) and their kin. */
function contextCall(node: CallExpr, name: string, cx: Context): Typed {
  const path = name === 'SYS_CONNECT_BY_PATH' ? cx.hierarchy?.paths.get(node.start) : undefined;
  if (path !== undefined) return { sql: path, type: { name: 'TEXT', length: 16_777_216 }, exact: true };
  if (name === 'IDENTIFIER' && node.args[0] !== undefined) {
    const { literal } = cx.expression(node.args[0].value, cx);
    const { start, end } = node;
    const parts = new TokenCursor(String(literal ?? ''))
      .name()
      .map((part) => ({ name: part, quoted: true, start, end }));
    return cx.expression({ kind: 'column', parts, start, end }, cx);
  }
  if (name === 'GETVARIABLE' && node.args.length === 1) return variableNamed(node, cx);
  if (name === 'SYSTEM$TYPEOF' && node.args.length === 1) return typeOf(node, cx);
  const own = emitUserFunction(node, cx);
  if (own !== undefined) return own;
  const constants: (string | number | null)[] = [];
  for (const { value } of node.args) {
    if (!['string', 'number', 'null', 'boolean'].includes(value.kind)) throw unknown(node, cx);
    const { literal } = cx.expression(value, cx);
    constants.push(value.kind === 'boolean' ? String(value.value) : (literal ?? null));
  }
  const sql = cx.scope.contextFunction(node.name.join('.'), constants);
  if (sql === undefined) throw unknown(node, cx);
  if (/^'(?:[^']|'')*'$/.test(sql)) return { sql, type: { name: 'TEXT', length: 16_777_216 }, exact: true };
  return typed(`(${sql})`, /^\d+$/.test(sql) ? INTEGER : UNKNOWN);
}

/** GETVARIABLE('NAME'): a session variable as a text, NULL where it is not set. */
function variableNamed(node: CallExpr, cx: Context): Typed {
  const argument = node.args[0] as CallExpr['args'][number];
  const { literal } = cx.expression(argument.value, cx);
  if (typeof literal !== 'string')
    throw compilationError(
      cx,
      '001015',
      '22023',
      'argument 1 to function GETVARIABLE needs to be constant',
      node.start,
    );
  const unset = typed('CAST(NULL AS VARCHAR)', TEXT, true);
  const { start, end } = argument.value;
  try {
    return typed(textOf(cx.expression({ kind: 'variable', name: literal.toUpperCase(), start, end }, cx)), TEXT, true);
  } catch (error) {
    if (error instanceof LocalError && error.number === '002211') return unset;
    throw error;
  }
}

function typeOf(node: CallExpr, cx: Context): Typed {
  const value = cx.expression((node.args[0] as CallExpr['args'][number]).value, cx);
  const { type } = value;
  const args =
    type.name === 'FIXED'
      ? `(${type.precision},${type.scale})`
      : type.name === 'TEXT'
        ? `(${type.length})`
        : 'scale' in type
          ? `(${type.scale})`
          : '';
  const base =
    type.name === 'FIXED' ? 'NUMBER' : type.name === 'TEXT' ? 'VARCHAR' : type.name === 'REAL' ? 'FLOAT' : type.name;
  const structured = type.name === 'ARRAY' || type.name === 'OBJECT' ? typeName(type) : undefined;
  const shown = isSnowflakeType(type) ? (structured ?? `${base}${args}`) : 'NULL';
  return typed(`'${shown}[${storageOf(value)}]'`, { name: 'TEXT', length: 16_777_216 }, true);
}

/** What SYSTEM$TYPEOF says of how a value is stored: bytes of an integer, DOUBLE, or LOB. */
function storageOf({ type, literal }: Typed): string {
  switch (type.name) {
    case 'FIXED': {
      const digits = typeof literal === 'number' ? Math.abs(literal) * 10 ** type.scale : 10 ** type.precision - 1;
      const bytes = [1, 2, 4, 8].find((n) => digits < 2 ** (8 * n - 1));
      return `SB${bytes ?? 16}`;
    }
    case 'REAL':
      return 'DOUBLE';
    case 'BOOLEAN':
      return 'SB1';
    case 'DATE':
      return 'SB4';
    case 'TIME':
      return 'SB8';
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return 'SB16';
    default:
      return 'LOB';
  }
}

function unknown(node: CallExpr, cx: Context): Error {
  return compilationError(cx, '002140', '42601', `Unknown function ${node.name.join('.')}`, node.start);
}
