import { ACCOUNT, type NamedEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { instantCell } from '../../engine/result-table.js';
import { type Cell, columns, type Listing, yes } from './listing.js';

const named = (
  kind: NamedEntry['kind'],
  shape: string,
  row: (entry: NamedEntry, context: CommandContext) => Cell[],
): Listing => ({
  scope: 'account',
  async list(_place, context) {
    return {
      columns: columns(shape),
      rows: context.names.catalog.children(ACCOUNT, kind).map((entry) => row(entry as NamedEntry, context)),
    };
  },
});

export const warehouses = named(
  'warehouse',
  'name state type size #min_cluster_count #max_cluster_count #started_clusters #running #queued is_default is_current auto_suspend auto_resume available provisioning quiescing other @created_on @resumed_on @updated_on owner comment',
  (entry, { state }) => [
    entry.name,
    'STARTED',
    'STANDARD',
    entry.attributes.WAREHOUSE_SIZE ?? entry.attributes.size ?? 'X-Small',
    '1',
    '1',
    '1',
    '0',
    '0',
    'N',
    yes(entry.name === state.context.warehouse),
    entry.attributes.AUTO_SUSPEND ?? '600',
    (entry.attributes.AUTO_RESUME ?? 'TRUE').toLowerCase(),
    '100',
    '0',
    '0',
    '0',
    instantCell(entry.createdAt),
    instantCell(entry.createdAt),
    instantCell(entry.createdAt),
    entry.owner,
    entry.comment,
  ],
);

export const roles = named(
  'role',
  '@created_on name is_default is_current is_inherited #assigned_to_users #granted_to_roles #granted_roles owner comment',
  (entry, { state }) => [
    instantCell(entry.createdAt),
    entry.name,
    'N',
    yes(entry.name === state.context.role),
    'N',
    '0',
    '0',
    '0',
    entry.owner,
    entry.comment,
  ],
);

export const users = named(
  'user',
  'name @created_on login_name display_name first_name last_name email mins_to_unlock days_to_expiry comment disabled must_change_password snowflake_lock default_warehouse default_namespace default_role default_secondary_roles owner',
  (entry) => [
    entry.name,
    instantCell(entry.createdAt),
    entry.attributes.LOGIN_NAME ?? entry.name,
    entry.attributes.DISPLAY_NAME ?? entry.name,
    entry.attributes.FIRST_NAME ?? '',
    entry.attributes.LAST_NAME ?? '',
    entry.attributes.EMAIL ?? '',
    '',
    '',
    entry.comment,
    'false',
    'false',
    'false',
    entry.attributes.DEFAULT_WAREHOUSE ?? '',
    entry.attributes.DEFAULT_NAMESPACE ?? '',
    entry.attributes.DEFAULT_ROLE ?? '',
    '["ALL"]',
    entry.owner,
  ],
);
