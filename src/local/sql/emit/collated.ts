import { LocalError } from '../../engine/local-error.js';
import { columnCollation, parseCollation } from '../grammar/collation.js';
import { unsupported } from '../syntax-error.js';
import type { Type, Typed } from './typed.js';

/** The text with a collation to compare by, stronger than that of a column; one by code points leaves it as it is. */
export function collate(text: Typed, specification: string): Typed {
  const collation = columnCollation(specification);
  return collation === undefined ? text : { ...text, collation };
}

/** By what a text compares: what COLLATE says, else its column; undefined by code points. */
export function collationOf(value: Typed): string | undefined {
  return value.collation ?? (value.type.name === 'TEXT' ? value.type.collation : undefined);
}

/** The type of a value that keeps its collation: as a column of a query. */
export function withCollation(type: Type, collation: string | undefined): Type {
  return type.name !== 'TEXT' || collation === undefined ? type : { ...type, collation };
}

/** What to compare and sort by in place of the text itself. */
export function collationKey(sql: string, specification: string): string {
  const { locale } = parseCollation(specification);
  const folded = foldedText(sql, specification);
  return locale === undefined ? folded : `icu_sort_key(${folded}, '${locale}')`;
}

/** The text without what the collation leaves out of account, for searches in it. */
export function foldedText(sql: string, specification: string): string {
  return parseCollation(specification).folds.reduce((text, fold) => fold.replace('$', () => text), sql);
}

/** What to tell values apart by: the text's key, or the value itself. */
export function distinctKey(value: Typed): string {
  const collation = collationOf(value);
  return collation === undefined ? value.sql : collationKey(value.sql, collation);
}

/**
 * The collation by which two texts compare: COLLATE counts before a column's. Throws 001187 where two of the same rank differ: it cannot
 * be told which one counts.
 */
export function commonCollation(left: Typed, right: Typed): string | undefined {
  const [a, b] = [collationOf(left), collationOf(right)];
  if (a === undefined || b === undefined || a === b) return a ?? b;
  if ((left.collation === undefined) !== (right.collation === undefined)) return left.collation ?? right.collation;
  throw new LocalError('001187', '42P21', `SQL compilation error:\nIncompatible collations: '${a}' and '${b}'`);
}

/** Refuses a collated text (000002) where its collation would be lost, and equal texts told apart. */
export function uncollated(value: Typed, where: string): Typed {
  const collation = collationOf(value);
  if (collation !== undefined) throw unsupported(`${where} of a text with COLLATE '${collation}'`);
  return value;
}
