import { LocalError } from '../../engine/local-error.js';
import type { TokenCursor } from '../token-cursor.js';
import type { DataType } from './ast.js';
import { columnCollation } from './collation.js';

/** Snowflake's longest VARCHAR and BINARY. */
export const MAX_TEXT = 16_777_216;
export const MAX_BINARY = 8_388_608;

const NUMBERS = new Set(['NUMBER', 'DECIMAL', 'DEC', 'NUMERIC']);
const INTEGERS = new Set(['INT', 'INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'BYTEINT']);
const REALS = new Set(['FLOAT', 'FLOAT4', 'FLOAT8', 'DOUBLE', 'REAL']);
const TEXTS = new Set([
  'VARCHAR',
  'STRING',
  'TEXT',
  'NVARCHAR',
  'NVARCHAR2',
  'CHAR',
  'CHARACTER',
  'NCHAR',
  'CHARVARYING',
  'NCHARVARYING',
]);
const OTHERS = new Set([
  'BOOLEAN',
  'DATE',
  'TIME',
  'BINARY',
  'VARBINARY',
  'VARIANT',
  'OBJECT',
  'ARRAY',
  'MAP',
  'VECTOR',
  'GEOGRAPHY',
  'GEOMETRY',
]);
const ONE_CHARACTER = new Set(['CHAR', 'CHARACTER', 'NCHAR']);
const TIMESTAMPS: Readonly<Record<string, 'TIMESTAMP_NTZ' | 'TIMESTAMP_LTZ' | 'TIMESTAMP_TZ'>> = {
  DATETIME: 'TIMESTAMP_NTZ',
  TIMESTAMP: 'TIMESTAMP_NTZ',
  TIMESTAMPNTZ: 'TIMESTAMP_NTZ',
  TIMESTAMP_NTZ: 'TIMESTAMP_NTZ',
  TIMESTAMPLTZ: 'TIMESTAMP_LTZ',
  TIMESTAMP_LTZ: 'TIMESTAMP_LTZ',
  TIMESTAMPTZ: 'TIMESTAMP_TZ',
  TIMESTAMP_TZ: 'TIMESTAMP_TZ',
};

/** Whether the word starts a data type of Snowflake. */
export function isTypeWord(word: string): boolean {
  return (
    NUMBERS.has(word) ||
    INTEGERS.has(word) ||
    REALS.has(word) ||
    TEXTS.has(word) ||
    word in TIMESTAMPS ||
    OTHERS.has(word)
  );
}

/**
 * Reads a data type with Snowflake's synonyms and defaults: NUMBER is NUMBER(38, 0), VARCHAR is VARCHAR(16777216).
 * Plain TIMESTAMP follows TIMESTAMP_TYPE_MAPPING. A MAP is an OBJECT and a VECTOR an ARRAY of one kind.
 */
export function parseDataType(cursor: TokenCursor): DataType {
  const start = cursor.peek();
  const word = cursor.identifier();
  if (NUMBERS.has(word)) return numberType(cursor);
  if (INTEGERS.has(word)) {
    if (cursor.isSymbol('(')) cursor.parenthesised();
    return { name: 'FIXED', precision: 38, scale: 0 };
  }
  if (REALS.has(word)) {
    cursor.accept('PRECISION');
    return { name: 'REAL' };
  }
  if (TEXTS.has(word)) {
    cursor.accept('VARYING');
    const length = optionalLength(cursor) ?? (ONE_CHARACTER.has(word) ? 1 : MAX_TEXT);
    const collation = cursor.accept('COLLATE') ? columnCollation(cursor.stringLiteral()) : undefined;
    return collation === undefined ? { name: 'TEXT', length } : { name: 'TEXT', length, collation };
  }
  const timestamp = TIMESTAMPS[word === 'TIMESTAMP' ? cursor.timestampType.toUpperCase() : word];
  if (timestamp !== undefined) {
    const scale = optionalLength(cursor) ?? 9;
    if (cursor.accept('WITH', 'LOCAL', 'TIME', 'ZONE')) return { name: 'TIMESTAMP_LTZ', scale };
    if (cursor.accept('WITH', 'TIME', 'ZONE')) return { name: 'TIMESTAMP_TZ', scale };
    cursor.accept('WITHOUT', 'TIME', 'ZONE');
    return { name: timestamp, scale };
  }
  switch (word) {
    case 'BOOLEAN':
    case 'DATE':
    case 'VARIANT':
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return { name: word };
    case 'TIME':
      return { name: 'TIME', scale: optionalLength(cursor) ?? 9 };
    case 'BINARY':
    case 'VARBINARY':
      cursor.accept('VARYING');
      return { name: 'BINARY', length: optionalLength(cursor) ?? MAX_BINARY };
    case 'MAP':
      return mapType(cursor);
    case 'OBJECT':
      return objectType(cursor);
    case 'ARRAY':
      return arrayType(cursor);
    case 'VECTOR':
      return vectorType(cursor);
    default:
      throw new LocalError(
        '001065',
        '42601',
        `SQL compilation error:\nUnsupported data type '${cursor.text.slice(start.start, start.end)}'.`,
      );
  }
}

function arrayType(cursor: TokenCursor): DataType {
  if (!cursor.acceptSymbol('(')) return { name: 'ARRAY' };
  const element = elementType(cursor);
  cursor.expectSymbol(')');
  return { name: 'ARRAY', element };
}

/** What is inside a structured type may be NOT NULL, which is read and not held to. */
function elementType(cursor: TokenCursor): DataType {
  const type = parseDataType(cursor);
  cursor.accept('NOT', 'NULL');
  return type;
}

/** A field's name keeps its letters' case. */
function objectType(cursor: TokenCursor): DataType {
  if (!cursor.acceptSymbol('(')) return { name: 'OBJECT' };
  const fields: { name: string; type: DataType }[] = [];
  do {
    const token = cursor.peek();
    const name = cursor.identifier();
    const written = token.kind === 'word' ? cursor.text.slice(token.start, token.end) : name;
    fields.push({ name: written, type: elementType(cursor) });
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return { name: 'OBJECT', fields };
}

function mapType(cursor: TokenCursor): DataType {
  if (!cursor.acceptSymbol('(')) return { name: 'OBJECT' };
  const key = parseDataType(cursor);
  cursor.expectSymbol(',');
  const value = elementType(cursor);
  cursor.expectSymbol(')');
  return { name: 'OBJECT', map: { key, value } };
}

/** VECTOR(FLOAT, n) or VECTOR(INT, n), with n from 1 to 4096. */
function vectorType(cursor: TokenCursor): DataType {
  cursor.expectSymbol('(');
  const at = cursor.peek();
  const element = parseDataType(cursor);
  cursor.expectSymbol(',');
  const size = cursor.number();
  cursor.expectSymbol(')');
  const known = element.name === 'REAL' || (element.name === 'FIXED' && element.scale === 0);
  if (!known || !Number.isInteger(size) || size < 1 || size > 4096) throw cursor.error(at);
  return { name: 'ARRAY', element, size };
}

function optionalLength(cursor: TokenCursor): number | undefined {
  if (!cursor.acceptSymbol('(')) return undefined;
  const length = cursor.number();
  cursor.expectSymbol(')');
  return length;
}

function numberType(cursor: TokenCursor): DataType {
  if (!cursor.acceptSymbol('(')) return { name: 'FIXED', precision: 38, scale: 0 };
  const at = cursor.peek();
  const precision = cursor.number();
  const scale = cursor.acceptSymbol(',') ? cursor.number() : 0;
  cursor.expectSymbol(')');
  if (!Number.isInteger(precision) || precision < 1 || precision > 38) throw cursor.error(at);
  if (!Number.isInteger(scale) || scale < 0 || scale > Math.min(37, precision)) throw cursor.error(at);
  return { name: 'FIXED', precision, scale };
}
