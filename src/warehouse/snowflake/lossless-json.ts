import type { Json } from '../../store/job.js';

/** JavaScript holds integers exactly up to 2^53 and decimals of up to 15 significant digits. */
const MAX_EXACT_DIGITS = 15;
const LONG_NUMBER = /\d[\d.]{15,}/;
/** A string, or a number outside of strings. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A number as JSON number where that loses nothing, else its text. `text` is a decimal as Snowflake writes it. */
export function exactNumber(text: string): number | string {
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  if (Number.isSafeInteger(value) && !text.includes('.') && !/e/i.test(text)) return value;
  return significantDigits(text) <= MAX_EXACT_DIGITS ? value : text;
}

function significantDigits(text: string): number {
  const mantissa = text.split(/e/i, 1)[0] as string;
  const digits = mantissa.replace(/^-/, '').replace('.', '').replace(/^0+/, '');
  return mantissa.includes('.') ? digits.replace(/0+$/, '').length : digits.length;
}

/**
 * Semi-structured values as JSON. Numbers that JSON.parse would round become strings; what is no JSON (Snowflake
 * writes `undefined` and `NaN` into arrays, and XML as it stands) stays text.
 */
export function parseVariant(text: string): Json {
  const safe = LONG_NUMBER.test(text)
    ? text.replace(STRING_OR_NUMBER, (token) =>
        token.startsWith('"') || typeof exactNumber(token) === 'number' ? token : `"${token}"`,
      )
    : text;
  try {
    return JSON.parse(safe) as Json;
  } catch {
    return text;
  }
}
