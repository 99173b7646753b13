import { instantCell } from '../../engine/result-table.js';
import { type Cell, columns, type Listing } from './listing.js';

/** SHOW FILE FORMATS. */
export const fileFormats: Listing = {
  scope: 'schema',
  async list(place, { names }) {
    const rows = place.schemas.flatMap(({ database, schema }) =>
      names
        .objectsIn(schema, 'file format')
        .map((entry): Cell[] => [
          instantCell(entry.createdAt),
          entry.name,
          database.name,
          schema.name,
          entry.options.TYPE?.[0]?.toUpperCase() ?? 'CSV',
          entry.owner,
          entry.comment,
          JSON.stringify(
            Object.fromEntries(
              Object.entries(entry.options).map(([key, values]) => [key, values.length === 1 ? values[0] : values]),
            ),
          ),
          'ROLE',
        ]),
    );
    return {
      columns: columns('@created_on name database_name schema_name type owner comment format_options owner_role_type'),
      rows,
    };
  },
};

/** SHOW TAGS. */
export const tags: Listing = {
  scope: 'schema',
  async list(place, { names }) {
    const rows = place.schemas.flatMap(({ database, schema }) =>
      names
        .objectsIn(schema, 'tag')
        .map((entry): Cell[] => [
          instantCell(entry.createdAt),
          entry.name,
          database.name,
          schema.name,
          entry.owner,
          entry.comment,
          null,
          'ROLE',
          null,
          null,
        ]),
    );
    return {
      columns: columns(
        '@created_on name database_name schema_name owner comment allowed_values owner_role_type propagate on_conflict',
      ),
      rows,
    };
  },
};
