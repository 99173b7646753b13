import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import type { Call } from './call.js';

/** Reads a number by a format: group marks and currency signs are dropped, X reads hexadecimal digits. */
export function numberFormat(call: Call, i: number): (text: string, lenient: boolean) => string {
  const { literal } = call.arg(i);
  if (typeof literal === 'string' && /^X+$/i.test(literal)) return (text) => `_fn.hex_number(${text})`;
  return (text) => `_fn.plain_number(${text})`;
}

/**
 * TO_CHAR of a number by a fixed-position format ("SQL format models"): digits 9 and 0, a point, group marks, `$`, a leading S or
 * trailing MI, FM; `X` for hexadecimal digits and `TM9` for the shortest text.
 */
export function printNumber(call: Call, value: string, i: number): string {
  const { literal } = call.arg(i);
  if (typeof literal !== 'string')
    throw call.error('001015', '22023', `argument ${i + 1} to function ${call.name} needs to be constant`);
  const format = literal.toUpperCase();
  if (/^TM9?$/.test(format)) return `CAST(${value} AS VARCHAR)`;
  if (/^(FM)?X+$/.test(format)) {
    const digits = `upper(to_hex(CAST(${value} AS BIGINT)))`;
    return format.startsWith('FM') ? digits : `lpad(${digits}, ${format.length + 1}, ' ')`;
  }
  const match = /^(FM)?(S)?(\$)?([90,G]*)(?:([.D])([90]*))?(MI)?$/.exec(format);
  if (match === null) throw unsupported(`number format '${literal}'`);
  const [, fill, sign, dollar, whole = '', point, fraction = '', minus] = match;
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
    sign !== undefined,
    minus !== undefined,
  ];
  // One place for the sign, whether it is written or blank.
  const width = whole.length + (point === undefined ? 0 : 1 + fraction.length) + (dollar === undefined ? 0 : 1) + 1;
  const text = `_fn.number_text(CAST(${value} AS DECIMAL(38, ${fraction.length})), ${shape.join(', ')})`;
  const padded = `lpad(${text}, ${width}, ' ')`;
  return fill === undefined ? padded : `trim(${text})`;
}
