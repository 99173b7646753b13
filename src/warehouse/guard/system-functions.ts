/**
 * Snowflake's `SYSTEM$` functions that only tell or wait. Every other one may act on the account (cancel, abort, link,
 * send mail), so it is not a read.
 */
const READ_ONLY_NAMES: ReadonlySet<string> = new Set([
  'SYSTEM$ALLOWLIST',
  'SYSTEM$ALLOWLIST_PRIVATELINK',
  'SYSTEM$BEHAVIOR_CHANGE_BUNDLE_STATUS',
  'SYSTEM$CLUSTERING_DEPTH',
  'SYSTEM$CLUSTERING_INFORMATION',
  'SYSTEM$CLUSTERING_RATIO',
  'SYSTEM$CURRENT_USER_TASK_NAME',
  'SYSTEM$ESTIMATE_AUTOMATIC_CLUSTERING_COSTS',
  'SYSTEM$ESTIMATE_QUERY_ACCELERATION',
  'SYSTEM$ESTIMATE_SEARCH_OPTIMIZATION_COSTS',
  'SYSTEM$EXPLAIN_JSON_TO_TEXT',
  'SYSTEM$EXPLAIN_PLAN_JSON',
  'SYSTEM$LAST_CHANGE_COMMIT_TIME',
  'SYSTEM$PIPE_STATUS',
  'SYSTEM$QUERY_REFERENCE',
  'SYSTEM$REFERENCE',
  'SYSTEM$SHOW_ACTIVE_BEHAVIOR_CHANGE_BUNDLES',
  'SYSTEM$STREAM_GET_TABLE_TIMESTAMP',
  'SYSTEM$STREAM_HAS_DATA',
  'SYSTEM$TYPEOF',
  'SYSTEM$WAIT',
]);

export function isSystemFunction(name: string): boolean {
  return name.startsWith('SYSTEM$');
}

export function isReadOnlySystemFunction(name: string): boolean {
  return READ_ONLY_NAMES.has(name);
}
