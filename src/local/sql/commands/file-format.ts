import { LocalError } from '../../engine/local-error.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';

/** How the rows of a staged file are written, from the options of `FILE_FORMAT = (…)`. */
export interface FileFormat {
  readonly type: 'CSV' | 'JSON' | 'PARQUET';
  readonly compression: 'AUTO' | 'GZIP' | 'NONE';
  readonly delimiter: string;
  /** Empty when fields are not enclosed. */
  readonly quote: string;
  readonly skipHeader: number;
  readonly skipBlankLines: boolean;
  readonly nullIf: readonly string[];
  readonly emptyAsNull: boolean;
  readonly trimSpace: boolean;
  readonly countMismatchIsError: boolean;
  /** Whether a backslash outside quotes means itself. */
  readonly plainBackslash: boolean;
  readonly stripOuterArray: boolean;
}

export type FormatOptions = ReadonlyMap<string, readonly string[]>;

const DEFAULTS: FileFormat = {
  type: 'CSV',
  compression: 'AUTO',
  delimiter: ',',
  quote: '',
  skipHeader: 0,
  skipBlankLines: false,
  nullIf: ['\\N'],
  emptyAsNull: true,
  trimSpace: false,
  countMismatchIsError: true,
  plainBackslash: false,
  stripOuterArray: false,
};

/** `( KEY = value [,] … )`; a value is a word, a number, a text, or a list of texts. */
export function parseFormatOptions(cursor: TokenCursor): FormatOptions {
  const options = new Map<string, readonly string[]>();
  cursor.expectSymbol('(');
  while (!cursor.acceptSymbol(')')) {
    const key = cursor.identifier();
    cursor.expectSymbol('=');
    options.set(key, optionValues(cursor));
    cursor.acceptSymbol(',');
  }
  return options;
}

function optionValues(cursor: TokenCursor): readonly string[] {
  if (!cursor.acceptSymbol('(')) return [optionValue(cursor)];
  const values: string[] = [];
  while (!cursor.acceptSymbol(')')) {
    values.push(optionValue(cursor));
    cursor.acceptSymbol(',');
  }
  return values;
}

export function optionValue(cursor: TokenCursor): string {
  const text = cursor.stringIf();
  if (text !== undefined) return text;
  return cursor.peek().kind === 'number' ? String(cursor.number()) : cursor.name().join('.');
}

/** The format that the options describe. Throws 000002 for an option whose effect is not there, 001420 for a bad value. */
export function fileFormat(options: FormatOptions): FileFormat {
  let format = DEFAULTS;
  for (const [key, values] of options) {
    const read = OPTIONS[key];
    if (read === undefined) throw unsupported(`file format option ${key}`);
    format = { ...format, ...read(values, key) };
  }
  return format;
}

type Reader = (values: readonly string[], key: string) => Partial<FileFormat>;

const one = (values: readonly string[]): string => values[0] ?? '';

const flag =
  (field: 'skipBlankLines' | 'emptyAsNull' | 'trimSpace' | 'countMismatchIsError' | 'stripOuterArray'): Reader =>
  (values, key) => {
    const word = one(values).toUpperCase();
    if (word !== 'TRUE' && word !== 'FALSE') throw invalidOption(key, values);
    return { [field]: word === 'TRUE' };
  };

/** An option that is accepted with the values under which it changes nothing. */
const only =
  (...allowed: string[]): Reader =>
  (values, key) => {
    if (!allowed.includes(one(values).toUpperCase())) throw unsupported(`file format option ${key} = ${one(values)}`);
    return {};
  };

const OPTIONS: Readonly<Record<string, Reader>> = {
  TYPE: (values, key) => {
    const type = one(values).toUpperCase();
    if (type === 'CSV' || type === 'JSON' || type === 'PARQUET') return { type };
    throw ['AVRO', 'ORC', 'XML', 'CUSTOM'].includes(type) ? unsupported(`TYPE = ${type}`) : invalidOption(key, values);
  },
  COMPRESSION: (values, key) => {
    const compression = one(values).toUpperCase();
    if (compression === 'AUTO' || compression === 'GZIP' || compression === 'NONE') return { compression };
    throw unsupported(`file format option ${key} = ${compression}`);
  },
  FIELD_DELIMITER: (values, key) => {
    const delimiter = one(values);
    if (delimiter.toUpperCase() === 'NONE' || delimiter.length < 1 || delimiter.length > 4) {
      throw unsupported(`file format option ${key} = ${delimiter}`);
    }
    return { delimiter };
  },
  FIELD_OPTIONALLY_ENCLOSED_BY: (values, key) => {
    const quote = one(values).toUpperCase() === 'NONE' ? '' : one(values);
    if (!['', '"', "'"].includes(quote)) throw invalidOption(key, values);
    return { quote };
  },
  SKIP_HEADER: (values, key) => {
    const skipHeader = Number(one(values));
    if (!Number.isInteger(skipHeader) || skipHeader < 0) throw invalidOption(key, values);
    return { skipHeader };
  },
  NULL_IF: (values) => ({ nullIf: values }),
  ESCAPE_UNENCLOSED_FIELD: (values, key) => {
    if (one(values).toUpperCase() === 'NONE') return { plainBackslash: true };
    if (one(values) === '\\') return {};
    throw unsupported(`file format option ${key} = ${one(values)}`);
  },
  SKIP_BLANK_LINES: flag('skipBlankLines'),
  EMPTY_FIELD_AS_NULL: flag('emptyAsNull'),
  TRIM_SPACE: flag('trimSpace'),
  ERROR_ON_COLUMN_COUNT_MISMATCH: flag('countMismatchIsError'),
  STRIP_OUTER_ARRAY: flag('stripOuterArray'),
  ESCAPE: only('NONE'),
  RECORD_DELIMITER: only('\n', '\r\n'),
  DATE_FORMAT: only('AUTO', 'YYYY-MM-DD'),
  TIME_FORMAT: only('AUTO', 'HH24:MI:SS'),
  TIMESTAMP_FORMAT: only('AUTO', 'YYYY-MM-DD HH24:MI:SS'),
  BINARY_FORMAT: only('HEX'),
  BINARY_AS_TEXT: only('FALSE'),
  ENCODING: only('UTF8', 'UTF-8'),
  SKIP_BYTE_ORDER_MARK: only('TRUE'),
  PARSE_HEADER: only('FALSE'),
  MULTI_LINE: only('TRUE'),
  REPLACE_INVALID_CHARACTERS: only('FALSE'),
  USE_VECTORIZED_SCANNER: only('TRUE', 'FALSE'),
  USE_LOGICAL_TYPE: only('TRUE'),
};

function invalidOption(key: string, values: readonly string[]): LocalError {
  return new LocalError(
    '001420',
    '42601',
    `SQL compilation error:\ninvalid value [${values.join(', ')}] for file format option '${key}'`,
  );
}
