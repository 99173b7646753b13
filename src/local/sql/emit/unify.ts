import { align } from './coerce.js';
import { uncollated } from './collated.js';
import { literalNumber } from './constants.js';
import { commonType, NULL, type Type, type Typed } from './typed.js';

/** Brings several values to the type that they have in common. */
export function unify(values: readonly Typed[]): { values: string[]; type: Type } {
  for (const value of values) uncollated(value, 'a common type');
  const exact = values.some((value) => value.type.name === 'FIXED');
  const read = exact ? values.map(numeral) : values;
  const type = read.map((value) => value.type).reduce(commonType, NULL);
  return { values: read.map((value) => align(value, type).sql), type };
}

/** A constant text that is a number, as that number with its own digits. */
function numeral(value: Typed): Typed {
  const written = value.type.name === 'TEXT' && typeof value.literal === 'string' ? value.literal.trim() : '';
  return /^[+-]?\d+(\.\d+)?$/.test(written) ? literalNumber(written) : value;
}
