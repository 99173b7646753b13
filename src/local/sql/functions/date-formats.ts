import { ntzOf } from '../emit/coerce.js';
import type { Typed } from '../emit/typed.js';
import { duckString } from '../lexer.js';
import type { Call } from './call.js';

/** One element of a date format: a strftime code, digits of a fraction, an offset, or text as it stands. */
type Element =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'fraction'; readonly digits: number }
  | { readonly kind: 'offset'; readonly code: 'TZH:TZM' | 'TZHTZM' | 'TZH' | 'TZM' }
  | { readonly kind: 'text'; readonly text: string };

const CODES: readonly (readonly [string, string])[] = [
  ['YYYY', '%Y'],
  ['YY', '%y'],
  ['MMMM', '%B'],
  ['MON', '%b'],
  ['MM', '%m'],
  ['DD', '%d'],
  ['DY', '%a'],
  ['HH24', '%H'],
  ['HH12', '%I'],
  ['HH', '%H'],
  ['AM', '%p'],
  ['PM', '%p'],
  ['MI', '%M'],
  ['SS', '%S'],
];
const OFFSETS = ['TZH:TZM', 'TZHTZM', 'TZH', 'TZM'] as const;

/** Reads a format of Snowflake's ("Date and time input and output formats"); elements in any case, `"…"` as text. */
export function dateElements(format: string): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < format.length) {
    const rest = format.slice(at).toUpperCase();
    const quoted = /^"([^"]*)"/.exec(format.slice(at));
    const offset = OFFSETS.find((name) => rest.startsWith(name));
    const fraction = /^FF([0-9]?)/.exec(rest);
    const code = CODES.find(([name]) => rest.startsWith(name));
    if (quoted !== null) {
      elements.push({ kind: 'text', text: quoted[1] ?? '' });
      at += quoted[0].length;
    } else if (offset !== undefined) {
      elements.push({ kind: 'offset', code: offset });
      at += offset.length;
    } else if (fraction !== null) {
      elements.push({ kind: 'fraction', digits: fraction[1] === '' ? 9 : Number(fraction[1]) });
      at += fraction[0].length;
    } else if (code !== undefined) {
      elements.push({ kind: 'code', code: code[1] });
      at += code[0].length;
    } else {
      elements.push({ kind: 'text', text: format.charAt(at) });
      at += 1;
    }
  }
  return elements;
}

export interface DateFormat {
  /** The text as a timestamp of the wall clock, its offset left out. */
  readonly parse: (text: string, lenient: boolean) => string;
  /** Minutes of the offset in the text; undefined when the format has none. */
  readonly offset: ((text: string) => string) | undefined;
  readonly print: (value: Typed) => string;
}

/** The format given as a constant. */
export function dateFormat(call: Call, i: number): DateFormat {
  const { literal } = call.arg(i);
  if (typeof literal !== 'string')
    throw call.error('001015', '22023', `argument ${i + 1} to function ${call.name} needs to be constant`);
  const elements = dateElements(literal);
  const zoned = elements.some((element) => element.kind === 'offset');
  return {
    parse: (text, lenient) => {
      const pattern = parsePattern(elements);
      const source = zoned ? `_fn.without_offset(${text})` : text;
      return lenient
        ? `try_strptime(${fractionSource(source, elements)}, ${pattern})`
        : `_fn.parse_timestamp(${fractionSource(source, elements)}, ${pattern}, ${duckString(literal)})`;
    },
    offset: zoned ? (text) => `_fn.offset_minutes(${text})` : undefined,
    print: (value) => printed(value, elements),
  };
}

/** DuckDB reads at most nine digits of a fraction; its own code takes any number of them. */
function fractionSource(text: string, elements: readonly Element[]): string {
  return elements.some((element) => element.kind === 'fraction') ? `_fn.six_digit_fraction(${text})` : text;
}

function parsePattern(elements: readonly Element[]): string {
  const twelve = elements.some((element) => element.kind === 'code' && element.code === '%p');
  const parts = elements.map((element) => {
    switch (element.kind) {
      case 'code':
        return twelve && element.code === '%H' ? '%I' : element.code;
      case 'fraction':
        return '%f';
      case 'offset':
        return '';
      case 'text':
        return element.text.replaceAll('%', '%%');
    }
  });
  return duckString(parts.join('').trimEnd());
}

function printed(value: Typed, elements: readonly Element[]): string {
  const wall = value.type.name === 'TIME' ? `(DATE '2000-01-01' + ${value.sql})` : (value.nanoseconds ?? ntzOf(value));
  const parts: string[] = [];
  let pattern = '';
  const flush = (): void => {
    if (pattern !== '') parts.push(`strftime(${wall}, ${duckString(pattern)})`);
    pattern = '';
  };
  for (const element of elements) {
    if (element.kind === 'code') pattern += element.code;
    else if (element.kind === 'text') pattern += element.text.replaceAll('%', '%%');
    else {
      flush();
      if (element.kind === 'fraction') parts.push(`left(strftime(${wall}, '%n'), ${element.digits})`);
      else parts.push(offsetText(value, element.code));
    }
  }
  flush();
  return parts.length === 0 ? "''" : `(${parts.join(' || ')})`;
}

function offsetText(value: Typed, code: string): string {
  const minutes =
    value.type.name === 'TIMESTAMP_TZ'
      ? `struct_extract(${value.sql}, 'offset_min')`
      : value.type.name === 'TIMESTAMP_LTZ'
        ? `CAST(timezone(${value.sql}) / 60 AS INTEGER)`
        : '0';
  return `_fn.offset_text(${minutes}, ${duckString(code)})`;
}

/** Whether a constant format is one of dates and not of numbers. */
export function isDateFormat(call: Call, i: number): boolean {
  const { literal } = call.arg(i);
  return typeof literal === 'string' && /YY|MM|DD|MON|DY|HH|MI|SS|FF/i.test(literal);
}
