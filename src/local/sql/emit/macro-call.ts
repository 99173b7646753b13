/** Characters of SQL past which an argument is not written out more than once. */
const LONG_ARGUMENT = 150;

/**
 * Calls a macro that names its argument many times; a long argument, or one with macros of
 * its own, is bound once, or the query would explode.
 */
export function calling(macro: string, sql: string): string {
  if (sql.length <= LONG_ARGUMENT && !sql.includes('_fn.')) return `_fn.${macro}(${sql})`;
  return `list_transform([${sql}], lambda once: _fn.${macro}(once))[1]`;
}

/** A VARIANT as a moment or a truth value; one that holds something else is an error, or NULL for TRY_CAST. */
export function ofVariant(
  kind: 'boolean' | 'date' | 'time' | 'ntz' | 'ltz' | 'tz',
  sql: string,
  lenient: boolean,
): string {
  return lenient ? calling(`try_to_${kind}`, `${sql} ->> '$'`) : calling(`variant_to_${kind}`, sql);
}
