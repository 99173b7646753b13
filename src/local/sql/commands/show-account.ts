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

/** Sizes as SHOW WAREHOUSES writes them, by what may be written in SQL. */
const SIZES: Readonly<Record<string, string>> = {
  XSMALL: 'X-Small',
  SMALL: 'Small',
  MEDIUM: 'Medium',
  LARGE: 'Large',
  XLARGE: 'X-Large',
  XXLARGE: '2X-Large',
  X2LARGE: '2X-Large',
  XXXLARGE: '3X-Large',
  X3LARGE: '3X-Large',
  X4LARGE: '4X-Large',
  X5LARGE: '5X-Large',
  X6LARGE: '6X-Large',
};

function sizeOf(written = 'XSMALL'): string {
  return (
    SIZES[
      written
        .toUpperCase()
        .replaceAll(/[-_ ]/g, '')
        .replace(/^(\d)X/, 'X$1')
    ] ?? written
  );
}

export const warehouses = named(
  'warehouse',
  'name state type size #min_cluster_count #max_cluster_count #started_clusters #running #queued is_default is_current #auto_suspend auto_resume available provisioning quiescing other @created_on @resumed_on @updated_on owner comment enable_query_acceleration #query_acceleration_max_scale_factor resource_monitor #actives #pendings #failed #suspended uuid scaling_policy budget owner_role_type resource_constraint',
  ({ id, name, owner, comment, createdAt, attributes }, { state }) => {
    const suspended = attributes.STATE === 'SUSPENDED';
    return [
      name,
      suspended ? 'SUSPENDED' : 'STARTED',
      attributes.WAREHOUSE_TYPE ?? 'STANDARD',
      sizeOf(attributes.WAREHOUSE_SIZE ?? attributes.size),
      attributes.MIN_CLUSTER_COUNT ?? '1',
      attributes.MAX_CLUSTER_COUNT ?? '1',
      suspended ? '0' : '1',
      '0',
      '0',
      'N',
      yes(name === state.context.warehouse),
      /^\d+$/.test(attributes.AUTO_SUSPEND ?? '600') ? (attributes.AUTO_SUSPEND ?? '600') : null,
      (attributes.AUTO_RESUME ?? 'TRUE').toLowerCase(),
      suspended ? '' : '100',
      suspended ? '' : '0',
      suspended ? '' : '0',
      suspended ? '' : '0',
      instantCell(createdAt),
      instantCell(createdAt),
      instantCell(createdAt),
      owner,
      comment,
      (attributes.ENABLE_QUERY_ACCELERATION ?? 'FALSE').toLowerCase(),
      attributes.QUERY_ACCELERATION_MAX_SCALE_FACTOR ?? '8',
      attributes.RESOURCE_MONITOR ?? 'null',
      suspended ? '0' : '1',
      '0',
      '0',
      suspended ? '1' : '0',
      String(id),
      attributes.SCALING_POLICY ?? 'STANDARD',
      null,
      owner === '' ? '' : 'ROLE',
      null,
    ];
  },
);

export const roles = named(
  'role',
  '@created_on name is_default is_current is_inherited #assigned_to_users #granted_to_roles #granted_roles owner comment',
  (entry, { names, state }) => {
    const granted = names.catalog.children(ACCOUNT, 'grant').filter(({ on }) => 'role' in on);
    const of = (type: 'ROLE' | 'USER') =>
      granted.filter(({ on, to }) => 'role' in on && on.role === entry.name && to.type === type).length;
    const inherits = names.rights?.available.has(entry.name) === true && state.context.role !== entry.name;
    return [
      instantCell(entry.createdAt),
      entry.name,
      'N',
      yes(entry.name === state.context.role),
      yes(inherits),
      String(of('USER')),
      String(of('ROLE')),
      String(granted.filter(({ to }) => to.type === 'ROLE' && to.name === entry.name).length),
      entry.owner,
      entry.comment,
    ];
  },
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
    (entry.attributes.DISABLED ?? 'FALSE').toLowerCase(),
    (entry.attributes.MUST_CHANGE_PASSWORD ?? 'FALSE').toLowerCase(),
    'false',
    entry.attributes.DEFAULT_WAREHOUSE ?? '',
    entry.attributes.DEFAULT_NAMESPACE ?? '',
    entry.attributes.DEFAULT_ROLE ?? '',
    '["ALL"]',
    entry.owner,
  ],
);
