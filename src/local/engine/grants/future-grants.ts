import type { Catalog, CatalogEdit } from '../catalog/catalog.js';
import { ACCOUNT, type Entry, type GrantEntry } from '../catalog/entries.js';
import { grantKey } from './grant-key.js';

/**
 * What a change of the catalog does to grants: new objects get the future grants of their schema, or of their database where the
 * schema has none for the kind; with a role or user that is dropped, its grants are gone.
 */
export function followWithGrants(edit: CatalogEdit, catalog: Catalog, now: number): void {
  const grants = catalog.children(ACCOUNT, 'grant');
  for (const [id, after] of [...edit.changes]) {
    const before = catalog.get(id);
    const entry = after ?? before;
    if (entry === undefined || entry.kind === 'grant') continue;
    const live = after !== undefined && after.droppedAt === undefined;
    if (live && before === undefined) applyFuture(after, grants, { edit, catalog, now });
    if (!live && (entry.kind === 'role' || entry.kind === 'user')) forget(entry, grants, edit);
  }
}

function applyFuture(
  entry: Entry,
  grants: readonly GrantEntry[],
  { edit, catalog, now }: { readonly edit: CatalogEdit; readonly catalog: Catalog; readonly now: number },
): void {
  if (grants.length === 0) return;
  const type = entry.kind.toUpperCase().replaceAll(' ', '_');
  const inHolder = (holder: number | undefined): GrantEntry[] =>
    grants.filter(({ on }) => 'future' in on && on.future === holder && on.type === type);
  const schema = entry.kind === 'schema' ? undefined : entry.parent;
  const database = entry.kind === 'schema' ? entry.parent : catalog.get(entry.parent)?.parent;
  const own = inHolder(schema);
  for (const future of own.length > 0 ? own : inHolder(database)) {
    const on = { type, id: entry.id };
    if (future.privilege === 'OWNERSHIP') {
      edit.put({ ...entry, owner: future.to.name } as Entry);
      continue;
    }
    const name = grantKey({ privilege: future.privilege, on, to: future.to });
    edit.put({ ...future, id: catalog.nextId(), name, on, createdAt: now });
  }
}

function forget(entry: Entry, grants: readonly GrantEntry[], edit: CatalogEdit): void {
  const type = entry.kind === 'role' ? 'ROLE' : 'USER';
  for (const grant of grants) {
    const toIt = grant.to.type === type && grant.to.name === entry.name;
    const ofIt = type === 'ROLE' && 'role' in grant.on && grant.on.role === entry.name;
    if (toIt || ofIt) edit.remove(grant.id);
  }
}
