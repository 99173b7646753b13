import type { Entry } from '../../engine/catalog/entries.js';
import { assertRetention } from '../../engine/retention.js';
import type { TokenCursor } from '../token-cursor.js';
import type { ObjectOptions } from './object-options.js';
import { shownProperties } from './shown-properties.js';

/** `a, b` behind UNSET. */
export function parseUnset(cursor: TokenCursor): string[] {
  const keys = [cursor.identifier()];
  while (cursor.acceptSymbol(',')) keys.push(cursor.identifier());
  return keys;
}

/** The entry with the options of SET that are shown. */
export function withProperties<E extends Entry>(entry: E, options: ObjectOptions): E {
  const comment = options.text('COMMENT') ?? entry.comment;
  const { properties } = shownProperties(options);
  if (properties === undefined) return { ...entry, comment };
  const changed = { ...entry, comment, properties: { ...entry.properties, ...properties } };
  assertRetention(changed);
  return changed;
}

/** The entry without them. */
export function withoutProperties<E extends Entry>(entry: E, keys: readonly string[]): E {
  const comment = keys.includes('COMMENT') ? '' : entry.comment;
  if (entry.properties === undefined) return { ...entry, comment };
  const kept = Object.entries(entry.properties).filter(([key]) => !keys.includes(key));
  return { ...entry, comment, properties: Object.fromEntries(kept) };
}
