import type { KeptImages } from '../../sql/scope.js';
import type { Catalog } from '../catalog/catalog.js';
import type { TableEntry } from '../catalog/entries.js';
import type { RunSql } from '../command.js';
import { physicalName } from '../physical-table.js';
import { retentionDays, retentionIsSet } from '../retention.js';
import { gapSql } from './commit-log.js';
import { DIED, imagesName, keepImagesSql, MOST_IMAGES, STAMP } from './row-versions.js';

/**
 * Where images of the table's rows go: none for a retention time of 0 days; of all rows where one was asked for; else of up to
 * `MOST_IMAGES` rows of a statement, so that the change of a large table does not cost many times what it would.
 */
export function keptImages(entry: TableEntry, catalog: Catalog): KeptImages {
  const most =
    Number(retentionDays(entry, catalog)) === 0 ? 0 : retentionIsSet(entry, catalog) ? undefined : MOST_IMAGES;
  return { into: imagesName(entry), ...(most !== undefined && { most }), tracked: isTracked(entry) };
}

/** Whether rows are to be known again after updates. A stream on the table sees to it. */
export function isTracked({ properties }: TableEntry): boolean {
  return properties?.CHANGE_TRACKING === 'TRUE';
}

/** Keeps images of all rows, which are about to be deleted. */
export async function keepAllImages(entry: TableEntry, catalog: Catalog, run: RunSql): Promise<void> {
  if (entry.imagesSince === undefined) return;
  const { into, most } = keptImages(entry, catalog);
  const columns = entry.columns.map(({ name }) => name);
  const kept = await run(keepImagesSql({ from: physicalName(entry), into, columns, alias: 'rows', most }));
  if (most === undefined || kept <= most) return;
  await run(`DELETE FROM ${into} WHERE ${DIED} = ${STAMP}`);
  await run(gapSql(entry.id));
}
