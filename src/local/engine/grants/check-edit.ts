import type { Catalog, CatalogEdit } from '../catalog/catalog.js';
import { ACCOUNT, type Entry, type GrantEntry } from '../catalog/entries.js';
import { alreadyExists } from '../snowflake-errors.js';
import { creating, type Rights } from './rights.js';

const ADMINISTRATOR = 'ACCOUNTADMIN';

/**
 * Whether a session may change the catalog so: what is made takes CREATE on what holds it, what is altered, replaced or dropped
 * takes OWNERSHIP, a grant takes the object's ownership, the privilege's own grant option or MANAGE GRANTS. Throws 003001.
 */
export function assertMayEdit(edit: CatalogEdit, rights: Rights, catalog: Catalog): void {
  for (const [id, after] of edit.changes) {
    const before = catalog.get(id);
    const one = after ?? before;
    if (one === undefined) continue;
    if (one.kind === 'grant') assertMayGrant(one, rights, catalog);
    else if (before === undefined) assertMayMake(one, edit, rights, catalog);
    else assertMayAlter(before, after, edit, rights, catalog);
  }
}

/** What a session does not see has its name all the same. Throws 002002. */
export function assertNamesFree(
  edit: CatalogEdit,
  find: (parent: number, kind: Entry['kind'], name: string) => Entry | undefined,
): void {
  for (const [id, after] of edit.changes) {
    if (after === undefined || after.droppedAt !== undefined || after.kind === 'grant') continue;
    for (const kind of after.kind === 'table' || after.kind === 'view' ? (['table', 'view'] as const) : [after.kind]) {
      const taken = find(after.parent, kind, after.name);
      if (taken === undefined || taken.id === id) continue;
      const left = edit.changes.has(taken.id) ? edit.changes.get(taken.id) : taken;
      const leaves = left === undefined || left.droppedAt !== undefined || left.name !== after.name;
      if (!leaves && left.parent === after.parent) throw alreadyExists(after.name);
    }
  }
}

function assertMayMake(entry: Entry, edit: CatalogEdit, rights: Rights, catalog: Catalog): void {
  // A database comes with its schemas, a clone with all that it holds.
  if (entry.parent !== ACCOUNT && catalog.get(entry.parent) === undefined && edit.changes.has(entry.parent)) return;
  if (rights.isOwnScratch(entry)) return;
  const parent = catalog.get(entry.parent);
  if (!rights.mayCreate(creating(entry), parent)) throw rights.refusal(parent);
}

function assertMayAlter(
  before: Entry,
  after: Entry | undefined,
  edit: CatalogEdit,
  rights: Rights,
  catalog: Catalog,
): void {
  if (after === undefined || after.droppedAt !== undefined) {
    const around = edit.changes.get(before.parent);
    if (edit.changes.has(before.parent) && (around === undefined || around.droppedAt !== undefined)) return;
  } else if (after.owner !== before.owner) {
    // With the administrator's users and roles whoever may grant anything would be the administrator.
    const theirs = before.owner === ADMINISTRATOR && (before.kind === 'user' || before.kind === 'role');
    if (rights.inAccount('MANAGE GRANTS') && (!theirs || rights.active.has(ADMINISTRATOR))) return;
  } else if (after.parent !== before.parent || before.droppedAt !== undefined) {
    assertMayMake(after, edit, rights, catalog);
  } else if (before.kind === 'warehouse' && (rights.has(before, 'MODIFY') || rights.has(before, 'OPERATE'))) {
    return;
  }
  if (!rights.has(before, 'OWNERSHIP')) throw rights.refusal(before);
}

function assertMayGrant(grant: GrantEntry, rights: Rights, catalog: Catalog): void {
  const { on } = grant;
  // Who may grant anything could otherwise make themselves the account's administrator.
  if ('role' in on && on.role === ADMINISTRATOR && !rights.active.has(ADMINISTRATOR)) throw rights.refusal(undefined);
  if (rights.inAccount('MANAGE GRANTS')) return;
  const object =
    'role' in on
      ? catalog.find(ACCOUNT, 'role', on.role)
      : catalog.get('id' in on ? on.id : 'future' in on ? on.future : -1);
  if (object === undefined) throw rights.refusal(undefined);
  // Grants on what is yet to be made take MANAGE GRANTS, or the schema's ownership.
  if (rights.has(object, 'OWNERSHIP')) return;
  if ('id' in on && rights.mayPassOn(object, grant.privilege)) return;
  throw rights.refusal(object);
}
