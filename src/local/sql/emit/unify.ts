import { LocalError } from '../../engine/local-error.js';
import { align } from './coerce.js';
import { collationOf, withCollation } from './collated.js';
import { literalNumber } from './constants.js';
import { commonType, NULL, type Type, type Typed } from './typed.js';

/** Brings several values to the type that they have in common. */
export function unify(values: readonly Typed[]): { values: string[]; type: Type } {
  const exact = values.some((value) => value.type.name === 'FIXED');
  const read = exact ? values.map(numeral) : values;
  const type = read.map((value) => withCollation(value.type, collationOf(value))).reduce(commonType, NULL);
  return { values: read.map((value) => align(value, type).sql), type };
}

/** A constant text that is a number, as that number with its own digits. */
function numeral(value: Typed): Typed {
  const written = value.type.name === 'TEXT' && typeof value.literal === 'string' ? value.literal.trim() : '';
  if (/^[+-]?\d+(\.\d+)?$/.test(written)) return literalNumber(written);
  if (written !== '' && Number.isNaN(Number(written)))
    throw new LocalError('100038', '22018', `Numeric value '${written}' is not recognized`);
  return value;
}
