import { LocalError } from '../../engine/local-error.js';
import type { Compression } from '../../engine/stages/decompress.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';

/** How the rows of a staged file are written, from the options of `FILE_FORMAT = (…)`. */
export interface FileFormat {
  readonly type: 'CSV' | 'JSON' | 'PARQUET';
  readonly compression: Compression;
  /** Empty: a record is one field. */
  readonly delimiter: string;
  /** Empty: the file is one record. */
  readonly recordDelimiter: string;
  /** Empty when fields are not enclosed. */
  readonly quote: string;
  /** Of enclosed and unenclosed fields, empty for none. */
  readonly escape: string;
  /** Of unenclosed fields only, empty for none. */
  readonly unenclosedEscape: string;
  readonly skipHeader: number;
  /** The first record names the columns. */
  readonly parseHeader: boolean;
  readonly skipBlankLines: boolean;
  readonly nullIf: readonly string[];
  readonly emptyAsNull: boolean;
  readonly trimSpace: boolean;
  readonly countMismatchIsError: boolean;
  readonly stripOuterArray: boolean;
  readonly stripNullValues: boolean;
  readonly dateFormat: string;
  readonly timeFormat: string;
  readonly timestampFormat: string;
  readonly binaryFormat: 'HEX' | 'BASE64' | 'UTF8';
  /** A label that `TextDecoder` knows. */
  readonly encoding: string;
  readonly replaceInvalid: boolean;
  /** Of unloaded files; empty: by the type and compression. */
  readonly extension: string;
}

export type FormatOptions = ReadonlyMap<string, readonly string[]>;

const DEFAULTS: FileFormat = {
  type: 'CSV',
  compression: 'AUTO',
  delimiter: ',',
  recordDelimiter: '\n',
  quote: '',
  escape: '',
  unenclosedEscape: '\\',
  skipHeader: 0,
  parseHeader: false,
  skipBlankLines: false,
  nullIf: ['\\N'],
  emptyAsNull: true,
  trimSpace: false,
  countMismatchIsError: true,
  stripOuterArray: false,
  stripNullValues: false,
  dateFormat: 'AUTO',
  timeFormat: 'AUTO',
  timestampFormat: 'AUTO',
  binaryFormat: 'HEX',
  encoding: 'utf-8',
  replaceInvalid: false,
  extension: '',
};

/** `( KEY = value [,] … )`; a value is a word, a number, a text, or a list of texts. A name alone is a named format's. */
export function parseFormatOptions(cursor: TokenCursor): FormatOptions {
  if (!cursor.isSymbol('(')) return new Map([['FORMAT_NAME', [optionValue(cursor)]]]);
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

export function optionValues(cursor: TokenCursor): readonly string[] {
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
  return cursor.peek().kind === 'number' ? String(cursor.number()) : shownName(cursor);
}

/** A name as written, so that it can be read again. */
function shownName(cursor: TokenCursor): string {
  const start = cursor.peek().start;
  const parts = cursor.name();
  const end = cursor.tokens[cursor.index - 1]?.end ?? start;
  const written = cursor.text.slice(start, end);
  return written.includes('"') ? written : parts.join('.');
}

/** The format that the options describe. Throws 000002 for an option whose effect is not there, 001420 for a bad value. */
export function fileFormat(options: FormatOptions): FileFormat {
  let format = DEFAULTS;
  for (const [key, values] of options) {
    const read = OPTIONS[key];
    if (read === undefined) throw unsupported(`file format option ${key}`);
    format = { ...format, ...read(values, key) };
  }
  // A character that escapes everywhere needs no second one for unenclosed fields.
  return format.escape === '' || options.has('ESCAPE_UNENCLOSED_FIELD') ? format : { ...format, unenclosedEscape: '' };
}

type Reader = (values: readonly string[], key: string) => Partial<FileFormat>;

const one = (values: readonly string[]): string => values[0] ?? '';

type Flag = {
  [K in keyof FileFormat]: FileFormat[K] extends boolean ? K : never;
}[keyof FileFormat];

const flag =
  (field: Flag): Reader =>
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

const none = (values: readonly string[]): string => (one(values).toUpperCase() === 'NONE' ? '' : one(values));

/** One character, or NONE. */
const character =
  (field: 'escape' | 'unenclosedEscape'): Reader =>
  (values, key) => {
    const char = none(values);
    if (char.length > 1) throw invalidOption(key, values);
    return { [field]: char };
  };

const words =
  (field: 'dateFormat' | 'timeFormat' | 'timestampFormat'): Reader =>
  (values) => ({ [field]: one(values) });

/** Delimiters may be written as their hexadecimal code, `0x7C` or `\x7C`. */
const delimiter =
  (field: 'delimiter' | 'recordDelimiter'): Reader =>
  (values, key) => {
    const hex = /^(?:0x|\\x)([0-9a-f]{2})+$/i.test(one(values));
    const text = hex ? Buffer.from(one(values).replace(/^0x|\\x/gi, ''), 'hex').toString('utf8') : none(values);
    if (text.length > 20) throw invalidOption(key, values);
    return { [field]: field === 'recordDelimiter' && text === '\r\n' ? '\n' : text };
  };

const OPTIONS: Readonly<Record<string, Reader>> = {
  TYPE: (values, key) => {
    const type = one(values).toUpperCase();
    if (type === 'CSV' || type === 'JSON' || type === 'PARQUET') return { type };
    throw ['AVRO', 'ORC', 'XML', 'CUSTOM'].includes(type) ? unsupported(`TYPE = ${type}`) : invalidOption(key, values);
  },
  COMPRESSION: (values, key) => {
    const compression = one(values).toUpperCase();
    const known: readonly string[] = ['AUTO', 'GZIP', 'BROTLI', 'DEFLATE', 'RAW_DEFLATE', 'NONE'];
    if (known.includes(compression)) return { compression: compression as Compression };
    // Parquet's pages are packed with it, and unpacked, whatever the option says.
    if (compression === 'SNAPPY') return { compression: 'NONE' };
    throw unsupported(`file format option ${key} = ${compression}`);
  },
  FIELD_DELIMITER: delimiter('delimiter'),
  RECORD_DELIMITER: delimiter('recordDelimiter'),
  FIELD_OPTIONALLY_ENCLOSED_BY: (values, key) => {
    const quote = /^(?:0x22|\\x22)$/i.test(one(values))
      ? '"'
      : /^(?:0x27|\\x27)$/i.test(one(values))
        ? "'"
        : none(values);
    if (!['', '"', "'"].includes(quote)) throw invalidOption(key, values);
    return { quote };
  },
  SKIP_HEADER: (values, key) => {
    const skipHeader = Number(one(values));
    if (!Number.isInteger(skipHeader) || skipHeader < 0) throw invalidOption(key, values);
    return { skipHeader };
  },
  NULL_IF: (values) => ({ nullIf: values }),
  ESCAPE: character('escape'),
  ESCAPE_UNENCLOSED_FIELD: character('unenclosedEscape'),
  PARSE_HEADER: flag('parseHeader'),
  SKIP_BLANK_LINES: flag('skipBlankLines'),
  EMPTY_FIELD_AS_NULL: flag('emptyAsNull'),
  TRIM_SPACE: flag('trimSpace'),
  ERROR_ON_COLUMN_COUNT_MISMATCH: flag('countMismatchIsError'),
  STRIP_OUTER_ARRAY: flag('stripOuterArray'),
  STRIP_NULL_VALUES: flag('stripNullValues'),
  REPLACE_INVALID_CHARACTERS: flag('replaceInvalid'),
  IGNORE_UTF8_ERRORS: flag('replaceInvalid'),
  DATE_FORMAT: words('dateFormat'),
  TIME_FORMAT: words('timeFormat'),
  TIMESTAMP_FORMAT: words('timestampFormat'),
  BINARY_FORMAT: (values, key) => {
    const binaryFormat = one(values).toUpperCase();
    if (binaryFormat === 'HEX' || binaryFormat === 'BASE64') return { binaryFormat };
    if (binaryFormat === 'UTF8' || binaryFormat === 'UTF-8') return { binaryFormat: 'UTF8' };
    throw invalidOption(key, values);
  },
  ENCODING: (values, key) => {
    const name = one(values).toLowerCase();
    const label =
      name === 'utf8'
        ? 'utf-8'
        : name.replace(/^(utf|iso|windows)(\d)/, '$1-$2').replace(/^iso-8859(\d)/, 'iso-8859-$1');
    try {
      return { encoding: new TextDecoder(label).encoding };
    } catch {
      throw unsupported(`file format option ${key} = ${one(values)}`);
    }
  },
  FILE_EXTENSION: (values) => ({ extension: one(values) }),
  SNAPPY_COMPRESSION: only('TRUE', 'FALSE'),
  BINARY_AS_TEXT: only('FALSE', 'TRUE'),
  VALIDATE_UTF8: only('TRUE', 'FALSE'),
  SKIP_BYTE_ORDER_MARK: only('TRUE'),
  MULTI_LINE: only('TRUE', 'FALSE'),
  ENABLE_OCTAL: only('FALSE'),
  ALLOW_DUPLICATE: only('FALSE', 'TRUE'),
  USE_VECTORIZED_SCANNER: only('TRUE', 'FALSE'),
  USE_LOGICAL_TYPE: only('TRUE', 'FALSE'),
};

function invalidOption(key: string, values: readonly string[]): LocalError {
  return new LocalError(
    '001420',
    '42601',
    `SQL compilation error:\ninvalid value [${values.join(', ')}] for file format option '${key}'`,
  );
}
