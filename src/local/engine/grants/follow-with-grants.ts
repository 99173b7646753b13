import type { Catalog, CatalogEdit } from '../catalog/catalog.js';
import { ACCOUNT, type Entry, type GrantEntry, type NamedEntry } from '../catalog/entries.js';
import { grantKey } from './grant-key.js';

export interface FollowingParts {
  readonly catalog: Catalog;
  readonly now: number;
  /** Has what belonged to a role that is dropped. */
  readonly role: string;
  /** Objects that take the place of others have their grants: COPY GRANTS. */
  readonly copying: boolean;
}

/**
 * What a change of the catalog does to grants and owners: new objects get the future grants of their schema, or of their database
 * where the schema has none for the kind; a role or user that is renamed keeps what it has, and of one that is dropped nothing is
 * left that a later one of that name would have.
 */
export function followWithGrants(edit: CatalogEdit, parts: FollowingParts): void {
  const { catalog } = parts;
  const grants = catalog.children(ACCOUNT, 'grant');
  for (const [id, after] of [...edit.changes]) {
    const before = catalog.get(id);
    const entry = after ?? before;
    if (entry === undefined || entry.kind === 'grant') continue;
    const live = after !== undefined && after.droppedAt === undefined;
    if (live && before === undefined) {
      applyFuture(after, grants, edit, parts);
      if (parts.copying) copyGrants(after, grants, edit, parts);
    }
    if (before === undefined || (before.kind !== 'role' && before.kind !== 'user')) continue;
    if (!live) leave(before, undefined, grants, edit, parts);
    else if (after.name !== before.name) leave(before, after.name, grants, edit, parts);
  }
}

function applyFuture(entry: Entry, grants: readonly GrantEntry[], edit: CatalogEdit, parts: FollowingParts): void {
  if (grants.length === 0) return;
  const { catalog } = parts;
  const type = entry.kind.toUpperCase().replaceAll(' ', '_');
  const inHolder = (holder: number | undefined): GrantEntry[] =>
    grants.filter(({ on }) => 'future' in on && on.future === holder && on.type === type);
  const schema = entry.kind === 'schema' ? undefined : entry.parent;
  const database = entry.kind === 'schema' ? entry.parent : catalog.get(entry.parent)?.parent;
  const own = inHolder(schema);
  for (const future of own.length > 0 ? own : inHolder(database)) {
    if (future.privilege === 'OWNERSHIP') edit.put({ ...entry, owner: future.to.name } as Entry);
    else putGrant({ ...future, on: { type, id: entry.id } }, edit, parts);
  }
}

function copyGrants(entry: Entry, grants: readonly GrantEntry[], edit: CatalogEdit, parts: FollowingParts): void {
  for (const [id, after] of [...edit.changes]) {
    const replaced = parts.catalog.get(id);
    const gone = after === undefined || after.droppedAt !== undefined;
    if (!gone || replaced?.parent !== entry.parent || replaced.name !== entry.name || replaced.kind !== entry.kind)
      continue;
    for (const grant of grants) {
      if (!('id' in grant.on) || grant.on.id !== id || grant.privilege === 'OWNERSHIP') continue;
      putGrant({ ...grant, on: { ...grant.on, id: entry.id } }, edit, parts);
    }
  }
}

function putGrant(grant: GrantEntry, edit: CatalogEdit, { catalog, now }: FollowingParts): void {
  edit.put({ ...grant, id: catalog.nextId(), name: grantKey(grant), createdAt: now });
}

/** `name` is the new one of a role or user that is renamed. */
function leave(
  { kind, name: old }: NamedEntry,
  name: string | undefined,
  grants: readonly GrantEntry[],
  edit: CatalogEdit,
  { catalog, role }: FollowingParts,
): void {
  const type = kind === 'role' ? 'ROLE' : 'USER';
  for (const grant of grants) {
    const to = grant.to.type === type && grant.to.name === old;
    const of = type === 'ROLE' && 'role' in grant.on && grant.on.role === old;
    if (!to && !of) continue;
    edit.remove(grant.id);
    if (name === undefined) continue;
    const renamed: GrantEntry = {
      ...grant,
      to: to ? { ...grant.to, name } : grant.to,
      on: of ? { type: 'ROLE', role: name } : grant.on,
    };
    edit.put({ ...renamed, name: grantKey(renamed) });
  }
  if (kind !== 'role') return;
  for (const entry of catalog.all()) {
    if (entry.owner !== old || entry.kind === 'grant') continue;
    const now = edit.changes.has(entry.id) ? edit.changes.get(entry.id) : entry;
    if (now !== undefined) edit.put({ ...now, owner: name ?? role } as Entry);
  }
}
