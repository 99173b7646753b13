import { columns, type Listing } from './listing.js';

/** Nothing of the kind can exist here: the list is empty, with the documented columns. */
const none = (shape: string): Listing => ({
  scope: 'schema',
  async list() {
    return { columns: columns(shape), rows: [] };
  },
});

/** Kinds of Snowflake's that tools list although few accounts have any. */
export const ABSENT: readonly (readonly [words: readonly string[], listing: Listing])[] = [
  [
    ['EXTERNAL', 'TABLES'],
    none(
      '@created_on name database_name schema_name invalid invalid_reason owner comment stage location file_format_name file_format_type cloud region notification_channel last_refreshed_on table_format last_refresh_details owner_role_type',
    ),
  ],
  [
    ['EXTERNAL', 'FUNCTIONS'],
    none(
      '@created_on name schema_name is_builtin is_aggregate is_ansi #min_num_arguments #max_num_arguments arguments description catalog_name is_table_function valid_for_clustering is_secure is_external_function language',
    ),
  ],
  [['EVENT', 'TABLES'], none('@created_on name database_name schema_name owner comment owner_role_type')],
  [['HYBRID', 'TABLES'], none('@created_on name database_name schema_name owner #rows #bytes comment owner_role_type')],
  [
    ['ICEBERG', 'TABLES'],
    none(
      '@created_on name database_name schema_name owner external_volume_name catalog_name iceberg_table_type catalog_table_name catalog_namespace base_location can_write_metadata comment owner_role_type',
    ),
  ],
  [['LOCKS'], none('resource type #transaction @transaction_started_on status @acquired_on query_id')],
];
