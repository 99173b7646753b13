import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import type { Call } from './call.js';

const MOST_HEX_DIGITS = 32;

/** Reads a number by a format: group marks and currency signs are dropped, X reads hexadecimal digits. */
export function numberFormat(call: Call, i: number): (text: string, lenient: boolean) => string {
  const { literal } = call.arg(i);
  if (typeof literal === 'string' && /^X+$/i.test(literal)) {
    const digits = Math.min(literal.length, MOST_HEX_DIGITS);
    return (text, lenient) => `_fn.${lenient ? 'try_' : ''}hex_number(trim(${text}), ${digits})`;
  }
  const behind = typeof literal === 'string' && /(?:S|MI)$/i.test(literal);
  return (text) => (behind ? `_fn.sign_first(_fn.plain_number(${text}))` : `_fn.plain_number(${text})`);
}

/**
 * TO_CHAR of a number by a fixed-position format ("SQL format models"): digits 9 and 0, a point, group marks, `$`, a S or MI at
 * either end, B, FM, and marks around them that stand for themselves; `X` for hexadecimal digits and `TM9` for the shortest text.
 */
export function printNumber(call: Call, value: string, i: number): string {
  const { literal } = call.arg(i);
  if (typeof literal !== 'string')
    throw call.error('001015', '22023', `argument ${i + 1} to function ${call.name} needs to be constant`);
  const format = literal.toUpperCase();
  if (/^TM9?$/.test(format))
    return call.arg(0).type.name === 'REAL' ? `_fn.real_text(${value})` : `CAST(${value} AS VARCHAR)`;
  if (/^(FM)?X+$/.test(format)) {
    const digits = `upper(to_hex(CAST(${value} AS BIGINT)))`;
    return format.startsWith('FM') ? digits : `lpad(${digits}, ${format.length + 1}, ' ')`;
  }
  if (format === 'TME') return `_fn.exponent_text(_fn.shortest_mantissa(printf('%.14e', CAST(${value} AS DOUBLE))), 0)`;
  const scientific = /^(FM)?(S|MI)?[90](?:\.([90]*))?(E{2,5})$/.exec(format);
  if (scientific !== null) {
    const [, fill, sign, fraction = '', exponent = ''] = scientific;
    const mantissa = `printf('%${sign === 'S' ? '+' : fill === undefined ? ' ' : ''}.${fraction.length}e', CAST(${value} AS DOUBLE))`;
    return `_fn.exponent_text(${mantissa}, ${exponent.length === 2 ? 0 : exponent.length - 2})`;
  }
  const match =
    /^([<>()[\]{}:;#&/ ]*)(FM)?(S|MI)?(B)?(\$)?([90,G]*)(?:([.D])([90]*))?(S|MI)?([<>()[\]{}:;#&/ ]*)$/.exec(format);
  if (match === null || (match[3] !== undefined && match[9] !== undefined))
    throw unsupported(`number format '${literal}'`);
  const [, before = '', fill, lead, blank, dollar, whole = '', point, fraction = '', tail, after = ''] = match;
  const positions = whole.replace(/[,G]/g, '').length;
  const firstZero = whole.replace(/[,G]/g, '').indexOf('0');
  const zeros = firstZero < 0 ? (point === undefined || fraction === '' ? 1 : 0) : positions - firstZero;
  const grouped = /[,G]/.test(whole);
  const shape = [
    positions,
    zeros,
    fraction.length,
    grouped ? 'TRUE' : 'FALSE',
    duckString(`${dollar ?? ''}`),
    lead === 'S' || tail === 'S',
    tail !== undefined,
  ];
  // One place for the sign, whether it is written or blank.
  const width = whole.length + (point === undefined ? 0 : 1 + fraction.length) + (dollar === undefined ? 0 : 1) + 1;
  const rounded = `CAST(${value} AS DECIMAL(38, ${fraction.length}))`;
  const minusFirst = lead === 'MI';
  const text = `_fn.number_text(${minusFirst ? `abs(${rounded})` : rounded}, ${shape.join(', ')})`;
  const minus = `CASE WHEN ${rounded} < 0 THEN '-' ELSE '${fill === undefined ? ' ' : ''}' END || `;
  const printed =
    fill === undefined
      ? `${minusFirst ? `${minus}substr(lpad(${text}, ${width}, ' '), 2)` : `lpad(${text}, ${width}, ' ')`}`
      : `${minusFirst ? minus : ''}trim(${text})`;
  const shown =
    blank === undefined ? `(${printed})` : `CASE WHEN ${rounded} = 0 THEN repeat(' ', ${width}) ELSE ${printed} END`;
  return before === '' && after === '' ? shown : `(${duckString(before)} || ${shown} || ${duckString(after)})`;
}
