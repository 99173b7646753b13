import type { Catalog } from './catalog/catalog.js';
import type { Entry } from './catalog/entries.js';

/** Days for which UNDROP is promised: the object's own, else those of what holds it, else one. */
export function retentionDays(entry: Entry, catalog: Catalog): string {
  for (let at: Entry | undefined = entry; at !== undefined; at = catalog.get(at.parent)) {
    const days = at.properties?.DATA_RETENTION_TIME_IN_DAYS;
    if (days !== undefined) return days;
  }
  return '1';
}
