import type { Catalog } from './catalog/catalog.js';
import type { Entry } from './catalog/entries.js';
import { LocalError } from './local-error.js';

const NAME = 'DATA_RETENTION_TIME_IN_DAYS';

/** Days for which UNDROP is promised: the object's own, else those of what holds it, else one. */
export function retentionDays(entry: Entry, catalog: Catalog): string {
  for (let at: Entry | undefined = entry; at !== undefined; at = catalog.get(at.parent)) {
    const days = at.properties?.[NAME];
    if (days !== undefined) return days;
  }
  return '1';
}

/** Whether the object or what holds it says how long it keeps the past. */
export function retentionIsSet(entry: Entry, catalog: Catalog): boolean {
  for (let at: Entry | undefined = entry; at !== undefined; at = catalog.get(at.parent)) {
    if (at.properties?.[NAME] !== undefined) return true;
  }
  return false;
}

/** Throws 001008/22023 for days that the object cannot have: 0 to 90, of a transient or temporary table 0 or 1. */
export function assertRetention(entry: Entry): void {
  const days = entry.properties?.[NAME];
  if (days === undefined) return;
  const most = entry.kind === 'table' && entry.durability !== 'PERMANENT' ? 1 : 90;
  if (/^\d+$/.test(days) && Number(days) <= most) return;
  throw new LocalError('001008', '22023', `SQL compilation error:\ninvalid value [${days}] for parameter '${NAME}'`);
}
