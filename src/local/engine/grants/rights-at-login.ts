import type { Confinement } from '../../access/confinement.js';
import type { Catalog } from '../catalog/catalog.js';
import { ACCOUNT } from '../catalog/entries.js';
import { LocalError } from '../local-error.js';
import { type GrantIndex, PUBLIC } from './grant-index.js';
import { Rights } from './rights.js';

/** What the server's settings say of a user whom they let in. */
export interface AccessScope {
  /** Roles beside those granted with SQL; the first is the default one. */
  readonly roles: readonly string[];
  readonly confinement?: Confinement;
}

export interface LoginParts {
  readonly catalog: Catalog;
  readonly grants: GrantIndex;
}

/**
 * The rights of a new session. Its role is the wanted one, else the user's DEFAULT_ROLE, else the first that the settings give, else
 * PUBLIC. All other roles of the user are secondary ones, unless DEFAULT_SECONDARY_ROLES is `()`. Throws 390189 for a role that
 * is not the user's, 390101 for a user who is disabled.
 */
export function rightsAtLogin(
  { catalog, grants }: LoginParts,
  { user, session, wanted }: { readonly user: string; readonly session: string; readonly wanted: string | undefined },
  { roles, confinement }: AccessScope,
): Rights {
  const attributes = catalog.find(ACCOUNT, 'user', user)?.attributes ?? {};
  if (attributes.DISABLED?.toUpperCase() === 'TRUE')
    throw new LocalError('390101', '08001', 'User access disabled. Contact your local system administrator.');
  const secondary = /\w/.test(attributes.DEFAULT_SECONDARY_ROLES ?? 'ALL');
  const rights = new Rights(
    catalog,
    grants,
    { user, roles, confinement, scratch: scratchDatabase(session) },
    { role: PUBLIC, secondary, own: true, confined: confinement !== undefined },
  );
  const { available } = rights;
  if (wanted !== undefined && !available.has(wanted)) throw roleNotGranted(wanted);
  const usual = [attributes.DEFAULT_ROLE?.toUpperCase(), roles[0]].find(
    (role) => role !== undefined && available.has(role),
  );
  return rights.with({ role: wanted ?? usual ?? PUBLIC });
}

/** The database that a REST session with storage of its own has. */
export function scratchDatabase(session: string): string {
  return `REST_SESSION_${session}`;
}

function roleNotGranted(role: string): LocalError {
  return new LocalError(
    '390189',
    '08004',
    `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
  );
}
