import type { ObjectOptions } from './object-options.js';

/** Options of tables, schemas and databases that are shown and hold nothing back here. */
const SHOWN_PROPERTIES = [
  'CHANGE_TRACKING',
  'DATA_RETENTION_TIME_IN_DAYS',
  'DEFAULT_DDL_COLLATION',
  'ENABLE_SCHEMA_EVOLUTION',
  'MANAGED_ACCESS',
  'MAX_DATA_EXTENSION_TIME_IN_DAYS',
] as const;

/** Those of the options, ready for an entry. */
export function shownProperties(...given: readonly ObjectOptions[]): {
  readonly properties?: Readonly<Record<string, string>>;
} {
  const properties: Record<string, string> = {};
  for (const options of given) {
    for (const key of SHOWN_PROPERTIES) {
      const value = options.text(key);
      if (value !== undefined) properties[key] = value.toUpperCase();
    }
  }
  return Object.keys(properties).length === 0 ? {} : { properties };
}
