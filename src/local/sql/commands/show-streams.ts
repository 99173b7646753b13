import { instantCell } from '../../engine/result-table.js';
import { isFresh } from '../../engine/stream-changes.js';
import { type Cell, columns, type Listing } from './listing.js';

/** SHOW STREAMS. */
export const streams: Listing = {
  scope: 'schema',
  async list(place, { names }) {
    const rows = place.schemas.flatMap(({ database, schema }) =>
      names.objectsIn(schema, 'stream').map((entry): Cell[] => {
        const source = names.catalog.get(entry.table);
        const gone = source === undefined || source.droppedAt !== undefined;
        const stale = gone || !(source.kind === 'table' && isFresh(entry, source));
        const table = gone ? null : names.nameOf(entry.table);
        return [
          instantCell(entry.createdAt),
          entry.name,
          database.name,
          schema.name,
          entry.owner,
          entry.comment,
          table,
          'Table',
          table,
          'DELTA',
          String(stale),
          entry.appendOnly ? 'APPEND_ONLY' : 'DEFAULT',
          null,
          gone ? 'Base table dropped' : 'N/A',
          'ROLE',
        ];
      }),
    );
    return {
      columns: columns(
        '@created_on name database_name schema_name owner comment table_name source_type base_tables type stale mode @stale_after invalid_reason owner_role_type',
      ),
      rows,
    };
  },
};
