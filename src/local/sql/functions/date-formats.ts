import { type FormatElement, formatElements } from '../emit/moment-format.js';
import { printedMoment } from '../emit/text-casts.js';
import type { Typed } from '../emit/typed.js';
import { duckString } from '../lexer.js';
import type { Call } from './call.js';

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
  const elements = formatElements(literal);
  const zoned = elements.some((element) => element.kind === 'offset');
  return {
    parse: (text, lenient) => {
      const pattern = parsePattern(elements);
      const source = zoned ? `_fn.without_offset(${text})` : text;
      const read = lenient
        ? `try_strptime(${fractionSource(source, elements)}, ${pattern})`
        : `_fn.parse_timestamp(${fractionSource(source, elements)}, ${pattern}, ${duckString(literal)})`;
      return pattern.includes('%y') ? `_fn.two_digit_year(${read})` : read;
    },
    offset: zoned ? (text) => `_fn.offset_minutes(${text})` : undefined,
    print: (value) => printedMoment(value, elements),
  };
}

/** DuckDB reads at most nine digits of a fraction; its own code takes any number of them. */
function fractionSource(text: string, elements: readonly FormatElement[]): string {
  return elements.some((element) => element.kind === 'fraction') ? `_fn.six_digit_fraction(${text})` : text;
}

function parsePattern(elements: readonly FormatElement[]): string {
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

/** Whether a constant format is one of dates and not of numbers. */
export function isDateFormat(call: Call, i: number): boolean {
  const { literal } = call.arg(i);
  return typeof literal === 'string' && /YY|MM|DD|MON|DY|HH|MI|SS|FF/i.test(literal);
}
