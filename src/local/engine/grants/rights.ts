import type { Confinement } from '../../access/confinement.js';
import type { Catalog } from '../catalog/catalog.js';
import { ACCOUNT, type Entry, type EntryKind, type GrantEntry } from '../catalog/entries.js';
import { insufficientPrivileges } from '../snowflake-errors.js';
import { type GrantIndex, PUBLIC } from './grant-index.js';

/** Any privilege at all: enough for an object to be listed, described, and found by its name. */
export const SEES = 'SEES';

/** What everybody may do with shared databases. */
const SHARED = new Set([SEES, 'USAGE', 'SELECT', 'REFERENCES', 'MONITOR']);

/** Databases that REST sessions with storage of their own have. */
const SCRATCH = /^REST_SESSION_\d+$/;

/** The warehouse that every account has from the start is everybody's. */
const COMMON_WAREHOUSE = 'COMPUTE_WH';

export interface Holder {
  readonly user: string;
  /** Roles that the access file gives the user, beside those granted with SQL. */
  readonly roles: readonly string[];
  readonly confinement: Confinement | undefined;
  /** The database of a session's own, with which it may do everything. */
  readonly scratch: string;
}

/** Notes that something was there and was kept from the caller. */
export interface Refusals {
  refused: boolean;
}

interface Mode {
  readonly role: string;
  /** All roles of the user count, not the current one alone. */
  readonly secondary: boolean;
  /** The user's own: it counts for as long as it is the user's. That of an owner for whom something is resolved always does. */
  readonly own: boolean;
  /** A view reads with its owner's rights, wherever its reader is confined to. */
  readonly confined: boolean;
}

/**
 * What a session under access control may do: its current role with what that inherits, its secondary roles, and the places
 * that the access file confines its user to.
 */
export class Rights {
  readonly #catalog: Catalog;
  readonly #index: GrantIndex;
  readonly #holder: Holder;
  readonly #mode: Mode;
  #active: ReadonlySet<string> = new Set();
  #activeAt = -1;
  readonly refusals: Refusals;

  constructor(
    catalog: Catalog,
    index: GrantIndex,
    holder: Holder,
    { refusals = { refused: false }, ...mode }: Mode & { readonly refusals?: Refusals },
  ) {
    this.#catalog = catalog;
    this.#index = index;
    this.#holder = holder;
    this.#mode = mode;
    this.refusals = refusals;
  }

  get role(): string {
    return this.#mode.role;
  }

  get secondary(): boolean {
    return this.#mode.secondary;
  }

  /** Every role that the user can activate. */
  get available(): ReadonlySet<string> {
    const direct = [...this.#holder.roles, ...this.#index.rolesOf(this.#holder.user)];
    return new Set([...this.#index.inherited(PUBLIC), ...direct.flatMap((role) => [...this.#index.inherited(role)])]);
  }

  /** Whether it is, or lies in, the database of the session's own. */
  isOwnScratch(entry: Entry): boolean {
    return this.#scratchOf(entry) === this.#holder.scratch;
  }

  /** Every role whose privileges count now. */
  get active(): ReadonlySet<string> {
    // Lists ask for it once for each object.
    if (this.#activeAt !== this.#catalog.changes) {
      this.#activeAt = this.#catalog.changes;
      this.#active = this.#mode.secondary ? new Set([...this.available, ...this.#primary]) : this.#primary;
    }
    return this.#active;
  }

  with(mode: Partial<Pick<Mode, 'role' | 'secondary'>>): Rights {
    return this.#derived({ ...this.#mode, ...mode });
  }

  /** With these a view's query is resolved, whoever reads the view. */
  asOwnerOfView(owner: string): Rights {
    return this.#derived({ role: owner, secondary: false, own: false, confined: false });
  }

  /** With these a function's body and a procedure's statements run. They lead nobody out of where they are confined to. */
  asOwnerOfRoutine(owner: string): Rights {
    const confined = this.#holder.confinement !== undefined;
    return this.#derived({ role: owner, secondary: false, own: false, confined });
  }

  sees(entry: Entry): boolean {
    return this.has(entry, SEES);
  }

  has(entry: Entry, privilege: string): boolean {
    return this.#hasWith(entry, privilege, this.active);
  }

  /** A statement uses the object: it takes the privilege, and any at all on the schema and database around it. Throws 003001. */
  assert(entry: Entry, privilege: string): void {
    // Temporary objects are in no catalog but the session's own.
    if (this.#catalog.get(entry.id) === undefined || this.isOwnScratch(entry)) return;
    for (let at = this.#catalog.get(entry.parent); at !== undefined; at = this.#catalog.get(at.parent))
      if (!this.#reaches(at)) throw this.refusal(at);
    if (!this.has(entry, privilege)) throw this.refusal(entry);
  }

  /** Whether the privilege was granted WITH GRANT OPTION. */
  mayPassOn(entry: Entry, privilege: string): boolean {
    if (!this.#within(entry, privilege)) return false;
    return [...this.active].some((role) => this.#index.privileges(role, entry.id).get(privilege) === true);
  }

  /** Whoever is confined to places may do nothing to the account as a whole, by a view of theirs neither. */
  inAccount(privilege: string): boolean {
    if (this.#holder.confinement !== undefined) return false;
    return [...this.active].some((role) => this.#index.mayInAccount(role, privilege));
  }

  /** Whether it may look at what other users do: history, logins. */
  get monitorsAccount(): boolean {
    return this.inAccount('MONITOR') || this.inAccount('MONITOR USAGE');
  }

  /** Throws 003001. */
  assertInAccount(privilege: string): void {
    if (!this.inAccount(privilege)) throw this.refusal(undefined);
  }

  /** What is made belongs to the current role, so that role alone must be allowed to. */
  mayCreate(privilege: string, parent: Entry | undefined): boolean {
    const roles = this.#primary;
    if (parent !== undefined) return this.#hasWith(parent, privilege, roles);
    if (this.#holder.confinement !== undefined) return false;
    return [...roles].some((role) => this.#index.mayInAccount(role, privilege));
  }

  /** Of the account where no object is given. */
  refusal(entry: Entry | undefined): Error {
    this.refusals.refused = true;
    return insufficientPrivileges(entry?.kind ?? 'account', entry?.name ?? 'LOCAL');
  }

  get #confinement(): Confinement | undefined {
    return this.#mode.confined ? this.#holder.confinement : undefined;
  }

  get #primary(): ReadonlySet<string> {
    const { role, own } = this.#mode;
    return this.#index.inherited(own && !this.available.has(role) ? PUBLIC : role);
  }

  #derived(mode: Mode): Rights {
    return new Rights(this.#catalog, this.#index, this.#holder, { ...mode, refusals: this.refusals });
  }

  #reaches(container: Entry): boolean {
    return this.#within(container, 'USAGE') && this.#anyOn(container, this.active);
  }

  #hasWith(entry: Entry, privilege: string, roles: ReadonlySet<string>): boolean {
    const scratch = this.#scratchOf(entry);
    if (scratch !== undefined) return scratch === this.#holder.scratch || this.#mayGrantAll(roles);
    if (!this.#within(entry, privilege)) return false;
    if (entry.kind === 'role') return privilege === SEES || roles.has(entry.owner);
    if (entry.kind === 'grant') return this.#seesGrant(entry, roles);
    if (privilege !== SEES) return this.#holds(entry, privilege, roles);
    return this.#anyOn(entry, roles) || this.#seesAll(entry, roles);
  }

  #holds(entry: Entry, privilege: string, roles: ReadonlySet<string>): boolean {
    if (this.#isShared(entry)) return SHARED.has(privilege);
    if (roles.has(entry.owner)) return true;
    if (entry.kind === 'warehouse' && entry.name === COMMON_WAREHOUSE && privilege === 'USAGE') return true;
    return [...roles].some((role) => this.#index.privileges(role, entry.id).has(privilege));
  }

  #anyOn(entry: Entry, roles: ReadonlySet<string>): boolean {
    if (entry.kind === 'user' && entry.name === this.#holder.user) return true;
    if (this.#holds(entry, 'USAGE', roles)) return true;
    return [...roles].some((role) => this.#index.privileges(role, entry.id).size > 0);
  }

  /** Who may grant anything sees everything, and who may make users sees users. */
  #seesAll(entry: Entry, roles: ReadonlySet<string>): boolean {
    if (this.#mayGrantAll(roles)) return true;
    return entry.kind === 'user' && [...roles].some((role) => this.#index.mayInAccount(role, 'CREATE USER'));
  }

  #mayGrantAll(roles: ReadonlySet<string>): boolean {
    if (this.#holder.confinement !== undefined) return false;
    return [...roles].some((role) => this.#index.mayInAccount(role, 'MANAGE GRANTS'));
  }

  #seesGrant(grant: GrantEntry, roles: ReadonlySet<string>): boolean {
    const { on, to } = grant;
    if (this.#mayGrantAll(roles)) return true;
    if (to.type === 'USER' ? to.name === this.#holder.user : roles.has(to.name)) return true;
    if ('role' in on) return roles.has(this.#catalog.find(ACCOUNT, 'role', on.role)?.owner ?? '');
    const id = 'id' in on ? on.id : 'future' in on ? on.future : undefined;
    const object = id === undefined ? undefined : this.#catalog.get(id);
    return object !== undefined && this.#hasWith(object, SEES, roles);
  }

  /** Whether the places that the user is confined to leave room for it. */
  #within(entry: Entry, privilege: string): boolean {
    const confinement = this.#confinement;
    if (confinement === undefined) return true;
    if (entry.kind === 'grant' || entry.kind === 'role') return privilege === SEES;
    if (entry.kind === 'warehouse') return privilege === SEES || privilege === 'USAGE';
    if (entry.kind === 'user') return privilege === SEES && entry.name === this.#holder.user;
    if (entry.parent === ACCOUNT && entry.kind !== 'database') return false;
    return confinement.allows(this.#path(entry), privilege);
  }

  #path(entry: Entry): string[] {
    const path = [entry.name];
    for (let at = this.#catalog.get(entry.parent); at !== undefined; at = this.#catalog.get(at.parent))
      path.unshift(at.name);
    return path;
  }

  #databaseOf(entry: Entry): Entry | undefined {
    let at: Entry | undefined = entry;
    while (at !== undefined && at.kind !== 'database') at = this.#catalog.get(at.parent);
    return at;
  }

  #isShared(entry: Entry): boolean {
    const database = this.#databaseOf(entry);
    return database?.kind === 'database' && database.origin !== '';
  }

  /** The name of the database of some session's own that the entry is or lies in. */
  #scratchOf(entry: Entry): string | undefined {
    if (entry.parent === ACCOUNT && entry.kind !== 'database') return undefined;
    const name = this.#databaseOf(entry)?.name;
    return name !== undefined && SCRATCH.test(name) ? name : undefined;
  }
}

/** The privilege that makes one: `CREATE TABLE`, `CREATE FILE FORMAT`, … */
export function creating(entry: { readonly kind: EntryKind; readonly materialized?: boolean }): string {
  const word = entry.kind.endsWith(' integration') ? 'INTEGRATION' : entry.kind.toUpperCase();
  return `CREATE ${entry.materialized === true ? `MATERIALIZED ${word}` : word}`;
}
