import type { KeptEntry, KeptKind } from '../../../engine/catalog/entries.js';
import { type Cell, yes } from '../listing.js';
import { attribute, constantly, isTrue, items, type KeptSpecification, propertyType } from './kept-specification.js';

const policy = (word: string): KeptSpecification => ({
  kind: `${word.toLowerCase()} policy` as KeptKind,
  words: [...word.split(' '), 'POLICY'],
  plural: [...word.split(' '), 'POLICIES'],
  label: `${word.charAt(0)}${word.slice(1).toLowerCase()} policy`,
  holder: 'schema',
  columns: '@created_on name database_name schema_name kind owner comment owner_role_type options',
  cells: { kind: constantly(`${word.replaceAll(' ', '_')}_POLICY`), options: constantly('') },
});

const integration = (word: string): KeptSpecification => ({
  kind: `${word.toLowerCase()} integration` as KeptKind,
  words: [...word.split(' '), 'INTEGRATION'],
  plural: [...word.split(' '), 'INTEGRATIONS'],
  label: 'Integration',
  holder: 'account',
  columns: 'name type category enabled comment @created_on',
  cells: {
    type: (entry) =>
      entry.attributes.TYPE ?? entry.attributes.API_PROVIDER ?? entry.attributes.CATALOG_SOURCE ?? 'EXTERNAL_ACCESS',
    category: constantly(word.replaceAll(' ', '_')),
    enabled: isTrue('ENABLED'),
  },
  properties: ({ attributes, comment }) => [
    ...Object.entries(attributes).map(([key, value]) => [key, propertyType(value), value] as const),
    ['COMMENT', 'String', comment] as const,
  ],
  hidden: ['OAUTH_CLIENT_SECRET', 'API_KEY', 'AWS_SNS_ROLE_ARN_SECRET', 'SMTP_PASSWORD', 'REST_AUTHENTICATION'],
});

const OWNED = '@created_on name database_name schema_name owner comment';

export const KEPT: readonly KeptSpecification[] = [
  {
    kind: 'task',
    words: ['TASK'],
    plural: ['TASKS'],
    label: 'Task',
    holder: 'schema',
    columns:
      '@created_on name id database_name schema_name owner comment warehouse schedule predecessors state definition condition allow_overlapping_execution error_integration @last_committed_on @last_suspended_on owner_role_type config budget task_relations last_suspended_reason success_integration scheduling_mode target_completion_interval execute_as_user',
    cells: {
      id: ({ id }) => `00000000-0000-0000-0000-${String(id).padStart(12, '0')}`,
      predecessors: ({ attributes }) => JSON.stringify(attributes.AFTER?.split(' ') ?? []),
      state: attribute('STATE', 'suspended'),
      definition: ({ definition }) => definition,
      condition: attribute('WHEN'),
      allow_overlapping_execution: isTrue('ALLOW_OVERLAPPING_EXECUTION'),
      task_relations: ({ attributes }) => JSON.stringify({ Predecessors: attributes.AFTER?.split(' ') ?? [] }),
      error_integration: attribute('ERROR_INTEGRATION', 'null'),
    },
  },
  {
    kind: 'pipe',
    words: ['PIPE'],
    plural: ['PIPES'],
    label: 'Pipe',
    holder: 'schema',
    columns:
      '@created_on name database_name schema_name definition owner notification_channel comment integration pattern error_integration owner_role_type invalid_reason kind',
    cells: { definition: ({ definition }) => definition, kind: constantly('STAGE') },
  },
  {
    kind: 'alert',
    words: ['ALERT'],
    plural: ['ALERTS'],
    label: 'Alert',
    holder: 'schema',
    columns:
      '@created_on name database_name schema_name owner comment warehouse schedule state condition action owner_role_type',
    cells: { state: attribute('STATE', 'suspended'), action: ({ definition }) => definition },
  },
  policy('MASKING'),
  policy('ROW ACCESS'),
  policy('AGGREGATION'),
  policy('PROJECTION'),
  policy('PASSWORD'),
  policy('SESSION'),
  policy('AUTHENTICATION'),
  {
    kind: 'network policy',
    words: ['NETWORK', 'POLICY'],
    plural: ['NETWORK', 'POLICIES'],
    label: 'Network policy',
    holder: 'account',
    columns:
      '@created_on name comment #entries_in_allowed_ip_list #entries_in_blocked_ip_list #entries_in_allowed_network_rules #entries_in_blocked_network_rules',
    cells: Object.fromEntries(
      ['ALLOWED_IP_LIST', 'BLOCKED_IP_LIST'].map((key) => [
        `entries_in_${key.toLowerCase()}`,
        ({ attributes }: KeptEntry): Cell => String(items(attributes[key]).length),
      ]),
    ),
    properties: ({ attributes }) =>
      ['ALLOWED_IP_LIST', 'BLOCKED_IP_LIST', 'ALLOWED_NETWORK_RULE_LIST', 'BLOCKED_NETWORK_RULE_LIST'].flatMap((key) =>
        attributes[key] === undefined ? [] : [[key, 'List', items(attributes[key]).join(',')] as const],
      ),
  },
  {
    kind: 'network rule',
    words: ['NETWORK', 'RULE'],
    plural: ['NETWORK', 'RULES'],
    label: 'Network rule',
    holder: 'schema',
    columns: `${OWNED} type mode #entries_in_valuelist owner_role_type`,
    cells: { entries_in_valuelist: ({ attributes }) => String(items(attributes.VALUE_LIST).length) },
  },
  {
    kind: 'resource monitor',
    words: ['RESOURCE', 'MONITOR'],
    plural: ['RESOURCE', 'MONITORS'],
    label: 'Resource monitor',
    holder: 'account',
    columns:
      'name credit_quota used_credits remaining_credits level frequency start_time end_time notify_at suspend_at suspend_immediately_at @created_on owner comment notify_users',
    cells: {
      credit_quota: ({ attributes }) => credits(attributes.CREDIT_QUOTA),
      used_credits: constantly('0.00'),
      remaining_credits: ({ attributes }) => credits(attributes.CREDIT_QUOTA),
      frequency: attribute('FREQUENCY', 'MONTHLY'),
    },
  },
  {
    kind: 'secret',
    words: ['SECRET'],
    plural: ['SECRETS'],
    label: 'Secret',
    holder: 'schema',
    columns: '@created_on name schema_name database_name owner comment secret_type oauth_scopes owner_role_type',
    cells: { secret_type: attribute('TYPE') },
    hidden: ['SECRET_STRING', 'PASSWORD', 'OAUTH_REFRESH_TOKEN'],
  },
  integration('STORAGE'),
  integration('NOTIFICATION'),
  integration('API'),
  integration('SECURITY'),
  integration('CATALOG'),
  integration('EXTERNAL ACCESS'),
  {
    kind: 'share',
    words: ['SHARE'],
    plural: ['SHARES'],
    label: 'Share',
    holder: 'account',
    columns:
      '@created_on kind owner_account name database_name to owner comment listing_global_name secure_objects_only',
    cells: {
      kind: constantly('OUTBOUND'),
      owner_account: constantly('LOCAL'),
      to: attribute('ACCOUNTS', ''),
      database_name: constantly(''),
      listing_global_name: constantly(''),
      secure_objects_only: constantly('true'),
    },
  },
  {
    kind: 'database role',
    words: ['DATABASE', 'ROLE'],
    plural: ['DATABASE', 'ROLES'],
    label: 'Database role',
    holder: 'database',
    columns:
      '@created_on name is_default is_current is_inherited #granted_to_roles #granted_to_database_roles #granted_database_roles owner comment owner_role_type',
    cells: {
      is_default: constantly(yes(false)),
      is_current: constantly(yes(false)),
      is_inherited: constantly(yes(false)),
      granted_to_roles: constantly('0'),
      granted_to_database_roles: constantly('0'),
      granted_database_roles: constantly('0'),
    },
  },
  {
    kind: 'external volume',
    words: ['EXTERNAL', 'VOLUME'],
    plural: ['EXTERNAL', 'VOLUMES'],
    label: 'External volume',
    holder: 'account',
    columns: 'name allow_writes comment',
    cells: { allow_writes: isTrue('ALLOW_WRITES', true) },
    properties: ({ attributes }) =>
      Object.entries(attributes).map(([key, value]) => [key, propertyType(value), value] as const),
  },
  {
    kind: 'git repository',
    words: ['GIT', 'REPOSITORY'],
    plural: ['GIT', 'REPOSITORIES'],
    label: 'Git repository',
    holder: 'schema',
    columns:
      '@created_on name database_name schema_name origin api_integration git_credentials owner owner_role_type comment @last_fetched_at',
  },
  {
    kind: 'image repository',
    words: ['IMAGE', 'REPOSITORY'],
    plural: ['IMAGE', 'REPOSITORIES'],
    label: 'Image repository',
    holder: 'schema',
    columns: '@created_on name database_name schema_name repository_url owner owner_role_type comment',
  },
  {
    kind: 'notebook',
    words: ['NOTEBOOK'],
    plural: ['NOTEBOOKS'],
    label: 'Notebook',
    holder: 'schema',
    columns: `${OWNED} owner_role_type code_warehouse query_warehouse url_id`,
  },
  {
    kind: 'streamlit',
    words: ['STREAMLIT'],
    plural: ['STREAMLITS'],
    label: 'Streamlit',
    holder: 'schema',
    columns: '@created_on name database_name schema_name title owner comment query_warehouse url_id owner_role_type',
  },
  {
    kind: 'compute pool',
    words: ['COMPUTE', 'POOL'],
    plural: ['COMPUTE', 'POOLS'],
    label: 'Compute pool',
    holder: 'account',
    columns:
      'name state #min_nodes #max_nodes instance_family #num_services #num_jobs #auto_suspend_secs auto_resume #active_nodes #idle_nodes #target_nodes @created_on @resumed_on @updated_on owner comment is_exclusive application',
    cells: {
      state: constantly('SUSPENDED'),
      num_services: constantly('0'),
      num_jobs: constantly('0'),
      active_nodes: constantly('0'),
      idle_nodes: constantly('0'),
      target_nodes: constantly('0'),
      auto_resume: isTrue('AUTO_RESUME', true),
      is_exclusive: constantly('false'),
    },
  },
];

function credits(quota: string | undefined): Cell {
  return quota === undefined ? null : Number(quota).toFixed(2);
}
