import { unsupported } from '../syntax-error.js';

const TRIMS = new Set(['trim', 'ltrim', 'rtrim']);
const CASES = new Set(['upper', 'lower']);
/** Specifiers for what is so without them. */
const STANDARD = new Set(['cs', 'as', 'ps', 'fl', '']);

/** A collation taken apart ("Collation specifications"): a locale and what is left out of account. */
export interface Collation {
  /** ICU's name, or undefined for code points. */
  readonly locale: string | undefined;
  /** Calls around the text, each with `$` where the text stands. */
  readonly folds: readonly string[];
}

/** Throws 000002 for what nothing here heeds: upper case first. */
export function parseCollation(specification: string): Collation {
  const [first = '', ...rest] = specification.trim().toLowerCase().split('-');
  const isLocale =
    /^[a-z]{2}(_[a-z]{2,3})?$/.test(first) && !STANDARD.has(first) && !['ci', 'ai', 'pi'].includes(first);
  const specifiers = isLocale || first === 'utf8' || first === 'bin' || first === '' ? rest : [first, ...rest];
  const folds: string[] = [];
  for (const specifier of specifiers) {
    if (TRIMS.has(specifier)) folds.push(`${specifier}($, ' ')`);
    else if (CASES.has(specifier)) folds.push(`${specifier}($)`);
    else if (specifier === 'ci') folds.push('lower($)');
    else if (specifier === 'ai') folds.push('strip_accents($)');
    else if (specifier === 'pi') folds.push("regexp_replace($, '[\\s\\p{P}]', '', 'g')");
    else if (!STANDARD.has(specifier)) throw unsupported(`COLLATE '${specification}'`);
  }
  return { locale: isLocale ? first : undefined, folds };
}

/** The collation of a column, undefined for one by code points. Throws 000002. */
export function columnCollation(specification: string): string | undefined {
  const { locale, folds } = parseCollation(specification);
  return locale === undefined && folds.length === 0 ? undefined : specification;
}

/** Refuses a default collation under which texts would compare otherwise (000002): nothing here would heed it. */
export function assertPlainCollation(specification: string): void {
  if (columnCollation(specification) !== undefined) throw unsupported(`DEFAULT_DDL_COLLATION '${specification}'`);
}
