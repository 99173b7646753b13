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
    ['PIPES'],
    none(
      '@created_on name database_name schema_name definition owner notification_channel comment integration pattern error_integration owner_role_type invalid_reason kind',
    ),
  ],
  [
    ['TASKS'],
    none(
      '@created_on name id database_name schema_name owner comment warehouse schedule predecessors state definition condition allow_overlapping_execution error_integration last_committed_on last_suspended_on owner_role_type config budget task_relations last_suspended_reason',
    ),
  ],
  [
    ['DYNAMIC', 'TABLES'],
    none(
      '@created_on name database_name schema_name cluster_by #rows #bytes owner target_lag refresh_mode refresh_mode_reason warehouse comment text automatic_clustering scheduling_state last_suspended_on is_clone is_replica is_iceberg data_timestamp owner_role_type',
    ),
  ],
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
  [
    ['ALERTS'],
    none(
      '@created_on name database_name schema_name owner comment warehouse schedule state condition action owner_role_type',
    ),
  ],
  [['INTEGRATIONS'], none('name type category enabled comment @created_on')],
  [['SHARES'], none('@created_on kind owner_account name database_name to owner comment listing_global_name')],
  [
    ['SECRETS'],
    none('@created_on name schema_name database_name owner comment secret_type oauth_scopes owner_role_type'),
  ],
  [
    ['MASKING', 'POLICIES'],
    none('@created_on name database_name schema_name kind owner comment owner_role_type options'),
  ],
  [
    ['ROW', 'ACCESS', 'POLICIES'],
    none('@created_on name database_name schema_name kind owner comment owner_role_type options'),
  ],
  [['NETWORK', 'POLICIES'], none('@created_on name comment #entries_in_allowed_ip_list #entries_in_blocked_ip_list')],
  [
    ['PASSWORD', 'POLICIES'],
    none('@created_on name database_name schema_name kind owner comment owner_role_type options'),
  ],
  [
    ['SESSION', 'POLICIES'],
    none('@created_on name database_name schema_name kind owner comment owner_role_type options'),
  ],
  [
    ['RESOURCE', 'MONITORS'],
    none(
      'name credit_quota used_credits remaining_credits level frequency start_time end_time notify_at suspend_at suspend_immediately_at @created_on owner comment notify_users',
    ),
  ],
  [['TRANSACTIONS'], none('#id user #session name @started_on state scope')],
  [['LOCKS'], none('resource type #transaction @transaction_started_on status @acquired_on query_id')],
  [
    ['DATABASE', 'ROLES'],
    none(
      '@created_on name is_default is_current is_inherited #granted_to_roles #granted_to_database_roles #granted_database_roles owner comment owner_role_type',
    ),
  ],
];
