import { SnowError } from '../../errors/snow-error.js';
import type { NamespaceGrant, NamespaceKind } from '../../store/memory-store.js';
import type { GlobalOptions } from '../global-options.js';
import { table } from '../table.js';
import { terminal } from '../terminal.js';
import { withStore } from '../with-store.js';

interface GrantOptions extends GlobalOptions {
  readonly client?: string;
  readonly group?: string;
  readonly write?: boolean;
}

function talk(options: GlobalOptions) {
  return terminal({ json: options.json ?? false, color: options.color });
}

function whomOf({ client, group }: GrantOptions): NamespaceGrant['to'] {
  if (client !== undefined && group === undefined) return { client };
  if (group !== undefined && client === undefined) return { group };
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'Whom is it for?',
    hint: 'Give --client NAME or --group NAME, one of them.',
  });
}

export async function addNamespace(
  name: string,
  options: GlobalOptions & { readonly kind: NamespaceKind; readonly owner?: string },
): Promise<void> {
  const { kind, owner } = options;
  await withStore(options, (store) => store.addNamespace({ name, kind, ...(owner !== undefined && { owner }) }));
  await talk(options).result(
    { name, kind, owner },
    () => `${name} is there; grant it with: mcp-snow memory namespace grant`,
  );
}

export async function listNamespaces(options: GlobalOptions): Promise<void> {
  const found = await withStore(options, (store) => store.listNamespaces());
  const json = found.map(({ createdAt, ...each }) => ({ ...each, created_at: new Date(createdAt).toISOString() }));
  await talk(options).result(json, () =>
    found.length === 0
      ? 'There are no shared namespaces.'
      : table(
          [
            { title: 'NAMESPACE' },
            { title: 'KIND' },
            { title: 'OWNER' },
            { title: 'MEMORIES', align: 'right' },
            { title: 'BYTES', align: 'right' },
            { title: 'GRANTS' },
          ],
          found.map(({ name = '', kind, owner, memories, bytes, grants }) => [
            name,
            kind,
            owner ?? '',
            String(memories),
            String(bytes),
            grants.map(grantText).join(', '),
          ]),
        ),
  );
}

function grantText({ to, write }: NamespaceGrant): string {
  return `${'client' in to ? to.client : `group ${to.group}`} ${write ? 'writes' : 'reads'}`;
}

export async function grantNamespace(name: string, options: GrantOptions): Promise<void> {
  const grant = { to: whomOf(options), write: options.write === true };
  await withStore(options, (store) => store.grantNamespace(name, grant));
  await talk(options).result({ name, ...grant }, () => `${name}: ${grantText(grant)}`);
}

export async function revokeNamespace(name: string, options: GrantOptions): Promise<void> {
  const from = whomOf(options);
  const revoked = await withStore(options, (store) => store.revokeNamespace(name, from));
  if (!revoked)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `There is no such grant of ${name}.`,
      hint: 'mcp-snow memory namespace list shows the grants.',
    });
  await talk(options).result({ name, revoked: from }, () => `${name}: revoked`);
}

export async function removeNamespace(
  name: string,
  options: GlobalOptions & { readonly yes?: boolean },
): Promise<void> {
  const there = await withStore(options, async (store) => {
    const found = (await store.listNamespaces()).find((each) => each.name === name);
    if (options.yes || (found !== undefined && found.memories === 0)) return await store.removeNamespace(name);
    return found?.memories;
  });
  if (there === undefined)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `There is no shared namespace "${name}".`,
      hint: 'mcp-snow memory namespace list shows those there are.',
    });
  if (there > 0 && !options.yes)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${name} holds ${there} memories.`,
      hint: 'Export them first if they are needed; remove it with --yes.',
    });
  await talk(options).result(
    { name, removed: true, memories: there },
    () => `${name} and its ${there} memories are removed`,
  );
}
