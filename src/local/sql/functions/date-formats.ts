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
      const patterns = parsePatterns(elements);
      const source = readable(zoned ? `_fn.without_offset(${text})` : text, elements);
      const read = lenient
        ? `try_strptime(${source}, ${patterns})`
        : `_fn.parse_moment(${source}, ${patterns}, ${text}, '${kindOf(call.name)}', ${duckString(literal)})`;
      if (!elements.some((element) => element.kind === 'code' && /%-?y/.test(element.code))) return read;
      return `_fn.two_digit_year(${read}, ${Number(call.cx.scope.parameter('TWO_DIGIT_CENTURY_START'))})`;
    },
    offset: zoned ? (text) => `_fn.offset_minutes(${text})` : undefined,
    print: (value) => printedMoment(value, elements),
  };
}

/** How errors name what a function reads. */
function kindOf(name: string): string {
  if (/DATE$/.test(name)) return 'date';
  return /TO_TIME$|^TIME$/.test(name) ? 'time' : 'timestamp';
}

/** DuckDB reads at most six digits of a fraction, and AM and PM only in full. */
function readable(text: string, elements: readonly FormatElement[]): string {
  const short = elements.some(({ kind }) => kind === 'fraction') ? `_fn.six_digit_fraction(${text})` : text;
  return elements.some(({ kind }) => kind === 'half') ? `_fn.whole_half_day(${short})` : short;
}

/**
 * What DuckDB reads by, first what fits as it is written: month names may be short or whole whichever the format has, and blanks may
 * stand between elements that the format sets side by side.
 */
function parsePatterns(elements: readonly FormatElement[]): string {
  const plain = parsePattern(elements, '');
  const other = plain.replaceAll('%b', '%\0').replaceAll('%B', '%b').replaceAll('%\0', '%B');
  const patterns = [...new Set([plain, other, parsePattern(elements, ' ')])];
  return patterns.length === 1 ? duckString(plain) : `[${patterns.map(duckString).join(', ')}]`;
}

function parsePattern(elements: readonly FormatElement[], between: string): string {
  const twelve = elements.some(
    (element) => element.kind === 'half' || (element.kind === 'code' && element.code === '%p'),
  );
  const parts = elements.map((element, i) => {
    switch (element.kind) {
      case 'code': {
        const beside = i > 0 && elements[i - 1]?.kind === 'code' ? between : '';
        return beside + (twelve ? element.code.replace('H', 'I') : element.code);
      }
      case 'half':
        return '%p';
      case 'fraction':
        return '%f';
      case 'offset':
        return '';
      case 'text':
        return element.text.replaceAll('%', '%%');
    }
  });
  return parts.join('').trimEnd();
}

/** Whether a constant format is one of dates and not of numbers. */
export function isDateFormat(call: Call, i: number): boolean {
  const { literal } = call.arg(i);
  return typeof literal === 'string' && /YY|MM|DD|MON|DY|HH|MI|SS|FF|UUUU|H12|H24/i.test(literal);
}
