import { duckString } from '../lexer.js';
import { ntzOf } from './moment-casts.js';
import { type FormatElement, printMoment } from './moment-format.js';
import { textFormats } from './text-formats.js';
import { heldBy, TEXT, type Typed, typed } from './typed.js';

/** Snowflake's formats where a timestamp becomes text without one being named. */
const NTZ_TEXT = '%Y-%m-%d %H:%M:%S.%g';

/** A moment by the elements of a format; a text is read as a timestamp first. */
export function printedMoment(value: Typed, elements: readonly FormatElement[]): string {
  const { type, sql } = value;
  const wall = type.name === 'TIME' ? `(DATE '2000-01-01' + ${sql})` : (value.nanoseconds ?? ntzOf(value));
  const minutes =
    type.name === 'TIMESTAMP_TZ'
      ? `struct_extract(${sql}, 'offset_min')`
      : type.name === 'TIMESTAMP_LTZ'
        ? `CAST(timezone(${sql}) / 60 AS INTEGER)`
        : '0';
  return printMoment(wall, minutes, elements);
}

/** Text as `::VARCHAR` gives it: dates, times and bytes in the session's formats. */
export function textOf(value: Typed, length?: number, lenient = false): string {
  const formats = textFormats();
  const elements = value.type.name in formats ? formats[value.type.name as 'DATE'] : undefined;
  const base64 = value.type.name === 'BINARY' && formats.base64 === true;
  if (elements === undefined && !base64) return standardText(value, length, lenient);
  const text = elements === undefined ? `to_base64(${value.sql})` : printedMoment(value, elements);
  return standardText(typed(text, TEXT, true), length, lenient);
}

/** Text in Snowflake's default formats, which JSON keeps whatever the session's are. */
function standardText(value: Typed, length?: number, lenient = false): string {
  const { type, sql } = value;
  const cut = (text: string): string => {
    if (length === undefined || length >= 16_777_216 || (type.name === 'TEXT' && type.length <= length)) return text;
    if (lenient) return `CASE WHEN length(${text}) <= ${length} THEN ${text} END`;
    return `_fn.fit_text(${text}, ${length})`;
  };
  switch (type.name) {
    case 'TEXT':
      return cut(sql);
    case 'NULL':
      return 'CAST(NULL AS VARCHAR)';
    case 'REAL':
      return cut(`_fn.real_text(${sql})`);
    case 'TIME':
      return cut(`strftime(DATE '2000-01-01' + ${sql}, '%H:%M:%S')`);
    case 'TIMESTAMP_NTZ':
      return cut(`strftime(${sql}, ${duckString(NTZ_TEXT)})`);
    case 'TIMESTAMP_LTZ':
      return cut(`_fn.ltz_text(${sql})`);
    case 'TIMESTAMP_TZ':
      return cut(`_fn.tz_text(${sql})`);
    case 'BINARY':
      return cut(`hex(${sql})`);
    case 'VARIANT':
      return cut(heldBy(type) === 'XML' ? `xml_text(CAST(${sql} AS VARCHAR))` : `(${sql} ->> '$')`);
    case 'ARRAY':
    case 'OBJECT':
      return cut(`CAST(${sql} AS VARCHAR)`);
    default:
      return cut(`CAST(${sql} AS VARCHAR)`);
  }
}

/** VARIANT: JSON; what JSON does not know (dates, binaries) becomes its text. */
export function jsonOf(value: Typed): string {
  const { type, sql } = value;
  switch (type.name) {
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return sql;
    case 'NULL':
      return 'CAST(NULL AS JSON)';
    case 'FIXED':
      return `_fn.number_json(${sql})`;
    case 'REAL':
      return `_fn.real_json(${sql})`;
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
    case 'BINARY':
      return `to_json(${standardText(value)})`;
    default:
      return `to_json(${sql})`;
  }
}
