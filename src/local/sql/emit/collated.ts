import { unsupported } from '../syntax-error.js';
import type { Typed } from './typed.js';

const TRIMS = new Set(['trim', 'ltrim', 'rtrim']);
const CASES = new Set(['upper', 'lower']);

/** A collation taken apart ("Collation specifications"): a locale and what is left out of account. */
interface Collation {
  /** ICU's name, or undefined for code points. */
  readonly locale: string | undefined;
  readonly functions: readonly string[];
}

/** Throws 000002 for specifiers that nothing here heeds: punctuation, upper or lower case first. */
function parseCollation(specification: string): Collation {
  const [first = '', ...rest] = specification.trim().toLowerCase().split('-');
  const isLocale = /^[a-z]{2}(_[a-z]{2,3})?$/.test(first);
  const specifiers = isLocale || first === 'utf8' || first === 'bin' || first === '' ? rest : [first, ...rest];
  const functions: string[] = [];
  for (const specifier of specifiers) {
    if (TRIMS.has(specifier) || CASES.has(specifier)) functions.push(specifier);
    else if (specifier === 'ci') functions.push('lower');
    else if (specifier === 'ai') functions.push('strip_accents');
    else if (!['cs', 'as', 'ps', ''].includes(specifier)) throw unsupported(`COLLATE '${specification}'`);
  }
  return { locale: isLocale ? first : undefined, functions };
}

/** The text with a collation to compare by; one by code points leaves it as it is. */
export function collate(text: Typed, specification: string): Typed {
  const { locale, functions } = parseCollation(specification);
  return locale === undefined && functions.length === 0 ? text : { ...text, collation: specification };
}

/** What to compare and sort by in place of the text itself. */
export function collationKey(sql: string, specification: string): string {
  const { locale, functions } = parseCollation(specification);
  const folded = functions.reduce(
    (text, name) => (TRIMS.has(name) ? `${name}(${text}, ' ')` : `${name}(${text})`),
    sql,
  );
  return locale === undefined ? folded : `icu_sort_key(${folded}, '${locale}')`;
}

/** Refuses a collated text (000002) where its collation would be lost, and equal texts told apart. */
export function uncollated(value: Typed, where: string): Typed {
  if (value.collation !== undefined) throw unsupported(`${where} of a text with COLLATE '${value.collation}'`);
  return value;
}
