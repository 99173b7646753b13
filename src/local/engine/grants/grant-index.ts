import type { Catalog } from '../catalog/catalog.js';
import { ACCOUNT, type GrantEntry } from '../catalog/entries.js';
import { allPrivileges } from './all-privileges.js';

export const PUBLIC = 'PUBLIC';

/** What Snowflake's own roles inherit, without a grant. */
const SYSTEM_HIERARCHY: Readonly<Record<string, readonly string[]>> = {
  ACCOUNTADMIN: ['SYSADMIN', 'SECURITYADMIN'],
  SECURITYADMIN: ['USERADMIN'],
};

/** What they may do in the account, without a grant; ACCOUNTADMIN may do all of it. */
const SYSTEM_PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  SYSADMIN: ['CREATE DATABASE', 'CREATE WAREHOUSE'],
  SECURITYADMIN: ['MANAGE GRANTS', 'CREATE ROLE', 'CREATE USER'],
  USERADMIN: ['CREATE ROLE', 'CREATE USER'],
};

const NO_ROLES: ReadonlySet<string> = new Set();
const NO_PRIVILEGES: ReadonlyMap<string, boolean> = new Map();

/** The grants of the catalog by role, object and holder. Built anew when the catalog has changed and somebody asks. */
export class GrantIndex {
  readonly #catalog: Catalog;
  #builtAt = -1;
  /** By role and object (`ACCOUNT` for the account). */
  #privileges = new Map<string, Map<number, Map<string, boolean>>>();
  /** Roles granted to a role, and to a user. */
  #toRole = new Map<string, Set<string>>();
  #toUser = new Map<string, Set<string>>();
  #inherited = new Map<string, ReadonlySet<string>>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** A role, those that it inherits, and PUBLIC. */
  inherited(role: string): ReadonlySet<string> {
    this.#refresh();
    const known = this.#inherited.get(role);
    if (known !== undefined) return known;
    const found = new Set([role, PUBLIC]);
    for (const name of found) {
      for (const below of SYSTEM_HIERARCHY[name] ?? []) found.add(below);
      for (const below of this.#toRole.get(name) ?? []) found.add(below);
    }
    this.#inherited.set(role, found);
    return found;
  }

  /** Roles granted to a user directly. */
  rolesOf(user: string): ReadonlySet<string> {
    this.#refresh();
    return this.#toUser.get(user) ?? NO_ROLES;
  }

  /** What was granted to this role itself on an object, and whether it may be granted on. Ownership stands with the object. */
  privileges(role: string, object: number): ReadonlyMap<string, boolean> {
    this.#refresh();
    return this.#privileges.get(role)?.get(object) ?? NO_PRIVILEGES;
  }

  /** Whether this role itself may do it in the account. */
  mayInAccount(role: string, privilege: string): boolean {
    if (role === 'ACCOUNTADMIN' || SYSTEM_PRIVILEGES[role]?.includes(privilege) === true) return true;
    return this.privileges(role, ACCOUNT).has(privilege);
  }

  #refresh(): void {
    if (this.#builtAt === this.#catalog.changes) return;
    this.#builtAt = this.#catalog.changes;
    this.#privileges = new Map();
    this.#toRole = new Map();
    this.#toUser = new Map();
    this.#inherited = new Map();
    for (const grant of this.#catalog.children(ACCOUNT, 'grant')) this.#add(grant);
  }

  #add({ on, to, privilege, grantOption }: GrantEntry): void {
    if ('role' in on) {
      const held = to.type === 'USER' ? this.#toUser : this.#toRole;
      held.set(to.name, (held.get(to.name) ?? new Set()).add(on.role));
      return;
    }
    if ('future' in on || to.type !== 'ROLE' || privilege === 'OWNERSHIP') return;
    const object = 'id' in on ? on.id : ACCOUNT;
    const objects = this.#privileges.get(to.name) ?? new Map<number, Map<string, boolean>>();
    const held = objects.get(object) ?? new Map<string, boolean>();
    for (const one of privilege === 'ALL' ? allPrivileges(on.type) : [privilege])
      held.set(one, grantOption || held.get(one) === true);
    this.#privileges.set(to.name, objects.set(object, held));
  }
}
