import { duckString } from '../lexer.js';

/** One element of a date format: a strftime code, the first letter of AM or PM, digits of a fraction, an offset, or text as it stands. */
export type FormatElement =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'half' }
  | { readonly kind: 'fraction'; readonly digits: number }
  | { readonly kind: 'offset'; readonly code: 'TZH:TZM' | 'TZHTZM' | 'TZH' | 'TZM' }
  | { readonly kind: 'text'; readonly text: string };

/** Longer names first. */
const CODES: readonly (readonly [string, string])[] = [
  ['UUUU', '%Y'],
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
  ['MO', '%-m'],
  ['ME', '%-M'],
  ['H24', '%-H'],
  ['H12', '%-I'],
  ['Y', '%-y'],
  ['D', '%-d'],
  ['H', '%-H'],
  ['S', '%-S'],
];
const OFFSETS = ['TZH:TZM', 'TZHTZM', 'TZH', 'TZM'] as const;

/** Reads a format of Snowflake's ("Date and time input and output formats"); elements in any case, `"…"` as text. */
export function formatElements(format: string): FormatElement[] {
  const elements: FormatElement[] = [];
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
    } else if (rest.startsWith('P')) {
      elements.push({ kind: 'half' });
      at += 1;
    } else {
      elements.push({ kind: 'text', text: format.charAt(at) });
      at += 1;
    }
  }
  return elements;
}

/** DuckDB SQL for a moment's text. `wall` is what its clock shows, `minutes` its offset from UTC. */
export function printMoment(wall: string, minutes: string, elements: readonly FormatElement[]): string {
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
      if (element.kind === 'half') parts.push(`left(strftime(${wall}, '%p'), 1)`);
      else if (element.kind === 'fraction') parts.push(`left(strftime(${wall}, '%n'), ${element.digits})`);
      else parts.push(`_fn.offset_text(${minutes}, ${duckString(element.code)})`);
    }
  }
  flush();
  return parts.length === 0 ? "''" : `(${parts.join(' || ')})`;
}
