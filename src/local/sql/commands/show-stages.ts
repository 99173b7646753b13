import { instantCell } from '../../engine/result-table.js';
import { type Cell, columns, type Listing, TERSE, yes } from './listing.js';

/** SHOW STAGES. A stage outside is told by the beginning of its URL. */
export const stages: Listing = {
  scope: 'schema',
  terse: TERSE.filter((name) => name !== 'kind'),
  async list(place, context) {
    const rows = place.schemas.flatMap(({ database, schema }) =>
      context.names
        .objectsIn(schema, 'stage')
        .map((stage): Cell[] => [
          instantCell(stage.createdAt),
          stage.name,
          database.name,
          schema.name,
          stage.url,
          'N',
          'N',
          stage.owner,
          stage.comment,
          null,
          `${stage.url === '' ? 'INTERNAL' : 'EXTERNAL'}${stage.temporary ? ' TEMPORARY' : ''}`,
          cloudOf(stage.url),
          null,
          null,
          null,
          'ROLE',
          yes(stage.directory === true),
        ]),
    );
    return {
      columns: columns(
        '@created_on name database_name schema_name url has_credentials has_encryption_key owner comment region type cloud notification_channel storage_integration endpoint owner_role_type directory_enabled',
      ),
      rows,
    };
  },
};

function cloudOf(url: string): string | null {
  if (url.startsWith('s3')) return 'AWS';
  if (url.startsWith('gcs:')) return 'GCP';
  return url.startsWith('azure:') ? 'AZURE' : null;
}
