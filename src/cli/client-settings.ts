import { SnowError } from '../errors/snow-error.js';
import { checkPermissions } from '../gateway/permissions.js';
import type { ClientChange, ClientPermissions } from '../store/client-store.js';
import type { GlobalOptions } from './global-options.js';

export interface ClientOptions extends GlobalOptions {
  readonly group?: string;
  readonly weight?: number;
  readonly maxRunning?: number;
  readonly maxQueued?: number;
  readonly smooth?: boolean;
  readonly allow?: readonly string[];
  readonly role?: readonly string[];
  readonly warehouse?: readonly string[];
  readonly database?: readonly string[];
  readonly schema?: readonly string[];
  readonly table?: readonly string[];
  readonly clear?: readonly string[];
}

/** Options by the member of the permissions that they set. */
const PERMISSIONS = {
  allow: 'statements',
  role: 'roles',
  warehouse: 'warehouses',
  database: 'databases',
  schema: 'schemas',
  table: 'tables',
} as const satisfies Partial<Record<keyof ClientOptions, keyof ClientPermissions>>;

/** Options that set a member of the client itself. */
const MEMBERS = {
  group: 'group',
  weight: 'weight',
  'max-running': 'maxRunning',
  'max-queued': 'maxQueued',
  smooth: 'smooth',
} as const;

/**
 * What the options change of a client with these permissions. Throws `INVALID_ARGUMENT` for patterns and classes that are none,
 * and for an unknown name behind `--clear`.
 */
export function clientChange(options: ClientOptions, before: ClientPermissions): ClientChange {
  const permissions: Record<string, readonly string[]> = { ...before };
  const change: Record<string, unknown> = {};
  for (const member of Object.values(MEMBERS)) if (options[member] !== undefined) change[member] = options[member];
  for (const [option, member] of Object.entries(PERMISSIONS)) {
    const given = options[option as keyof typeof PERMISSIONS];
    if (given !== undefined) permissions[member] = given;
  }
  for (const name of options.clear ?? []) {
    if (Object.hasOwn(PERMISSIONS, name)) delete permissions[PERMISSIONS[name as keyof typeof PERMISSIONS]];
    else if (Object.hasOwn(MEMBERS, name)) change[MEMBERS[name as keyof typeof MEMBERS]] = null;
    else throw unknownSetting(name);
  }
  checkPermissions(permissions as ClientPermissions);
  return { ...change, permissions: permissions as ClientPermissions };
}

function unknownSetting(name: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `There is no setting "${name.slice(0, 80)}" of a client.`,
    hint: `Settings: ${[...Object.keys(MEMBERS), ...Object.keys(PERMISSIONS)].join(', ')}.`,
  });
}
