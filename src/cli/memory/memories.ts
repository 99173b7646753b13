import { text as readAll } from 'node:stream/consumers';
import { SnowError } from '../../errors/snow-error.js';
import { table } from '../table.js';
import { terminal } from '../terminal.js';
import { type MemoriesPage, type MemoryOptions, withMemories } from './memory-session.js';
import { memoriesTable, wholeMemory } from './shown-memories.js';

interface Labels {
  readonly tag?: string[];
  readonly link?: string[];
  readonly source?: string;
  readonly metadata?: string;
  readonly expires?: string;
}

export interface FilterOptions extends MemoryOptions {
  readonly tag?: string[];
  readonly anyTag?: boolean;
  readonly link?: string;
  readonly source?: string;
  readonly when?: string;
  readonly since?: string;
  readonly until?: string;
  readonly timeZone?: string;
}

export interface PageOptions extends FilterOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

function talk(options: MemoryOptions) {
  return terminal({ json: options.json ?? false, color: options.color });
}

function filterOf(options: FilterOptions) {
  const { tag: tags, anyTag, link, source, when, since, until, timeZone: time_zone, namespace } = options;
  return {
    tags,
    tag_match: anyTag ? ('any' as const) : undefined,
    link,
    source,
    when,
    since,
    until,
    time_zone,
    namespace,
  };
}

function metadataOf(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    throw notAnObject();
  }
  throw notAnObject();
}

function notAnObject(): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: '--metadata is no JSON object.',
    hint: `Give one such as '{"ticket": 42}'.`,
  });
}

export async function storeMemory(given: string, options: MemoryOptions & Labels): Promise<void> {
  const text = given === '-' ? await readAll(process.stdin) : given;
  const { tag: tags, link: links, source, metadata, expires: expires_at, namespace } = options;
  const request = { text, tags, links, source, metadata: metadataOf(metadata), expires_at, namespace };
  const stored = await withMemories(options, 'Storing', ({ run }) => run('memory_store', request));
  await talk(options).result(stored, () => (stored.duplicate ? `${stored.id} (was there already)` : stored.id));
  if (stored.similar !== undefined) talk(options).note(`These say the same: ${stored.similar.join(', ')}`);
}

export async function searchMemories(words: readonly string[], options: PageOptions): Promise<void> {
  const request = { query: words.join(' '), ...filterOf(options), limit: options.limit, cursor: options.cursor };
  const found = await withMemories(options, 'The search', ({ run }) => run('memory_search', request));
  await printPage(found, options);
  if (found.matched === 'any') talk(options).note('Nothing has all of the words; these have some of them.');
}

export async function listMemories(options: PageOptions): Promise<void> {
  const request = { ...filterOf(options), limit: options.limit, cursor: options.cursor };
  await printPage(await withMemories(options, 'The list', ({ run }) => run('memory_list', request)), options);
}

async function printPage(page: MemoriesPage, options: PageOptions): Promise<void> {
  await talk(options).result(page, (paint) =>
    page.memories.length === 0 ? 'There are none.' : memoriesTable(page.memories, paint),
  );
  if (page.next_cursor !== undefined && !options.json)
    talk(options).note(`There is more: --cursor ${page.next_cursor}`);
}

export async function showMemory(id: string, options: MemoryOptions): Promise<void> {
  const request = { id, namespace: options.namespace };
  const found = await withMemories(options, 'The look-up', ({ run }) => run('memory_list', request));
  for (const memory of found.memories) await talk(options).result(memory, (paint) => wholeMemory(memory, paint));
}

export async function updateMemory(
  id: string,
  options: MemoryOptions &
    Labels & { readonly text?: string; readonly ifVersion?: number; readonly neverExpires?: boolean },
): Promise<void> {
  const { text, tag: tags, link: links, source, metadata, expires } = options;
  const changes = {
    text,
    tags,
    links,
    source,
    metadata: metadataOf(metadata),
    expires_at: options.neverExpires ? null : expires,
  };
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const changed = await withMemories(options, 'The change', async ({ run }) => {
    const version = options.ifVersion ?? (await run('memory_list', { id })).memories[0]?.version ?? 1;
    return await run('memory_update', { id, version, ...given });
  });
  await talk(options).result(changed, () => `${changed.id} has version ${changed.version} now`);
}

export async function deleteMemories(
  ids: readonly string[],
  options: FilterOptions & { readonly yes?: boolean; readonly dryRun?: boolean },
): Promise<void> {
  const [id, ...others] = ids;
  const chosen = others.length > 0 ? { ids: [...ids] } : { id };
  const selection = { ...filterOf(options), ...chosen };
  await inTwoSteps('memory_delete', selection, options);
}

export async function cleanUpMemories(options: MemoryOptions & { readonly yes?: boolean }): Promise<void> {
  await inTwoSteps('memory_cleanup', { namespace: options.namespace }, options);
}

/** What would be deleted; with --yes, that. One memory by its id goes at once. */
async function inTwoSteps(
  name: 'memory_delete' | 'memory_cleanup',
  selection: Record<string, unknown>,
  options: MemoryOptions & { readonly yes?: boolean; readonly dryRun?: boolean },
): Promise<void> {
  const answer = await withMemories(options, 'The deletion', async ({ run }) => {
    const first = await run(name, { ...selection, ...(options.dryRun && { dry_run: true }) });
    if (first.confirm === undefined || options.yes !== true || options.dryRun) return first;
    return await run(name, { ...selection, confirm: first.confirm });
  });
  const { deleted, would_delete: count = 0, memories = [], more } = answer;
  await talk(options).result(answer, (paint) => {
    if (deleted !== undefined) return `${deleted} deleted${more ? '; there are more' : ''}`;
    if (count === 0) return 'There is nothing to delete.';
    return `${memoriesTable(memories, paint)}\n\n${count}${more ? ' and more' : ''} would be deleted.`;
  });
  if (deleted === undefined && count > 0 && !options.dryRun && !options.json)
    talk(options).note('Delete them with --yes.');
}

export async function memoryHealth(options: MemoryOptions): Promise<void> {
  const health = await withMemories(options, 'The look', ({ run }) =>
    run('memory_health', { namespace: options.namespace }),
  );
  await talk(options).result(health, () =>
    health.namespaces.length === 0
      ? 'There are no memories.'
      : table(
          [
            { title: 'NAMESPACE' },
            { title: 'KIND' },
            { title: 'MEMORIES', align: 'right' },
            { title: 'BYTES', align: 'right' },
            { title: 'EXPIRED', align: 'right' },
            { title: 'ALIKE', align: 'right' },
            { title: 'INDEX' },
          ],
          health.namespaces.map((each) => [
            each.namespace,
            each.kind,
            String(each.memories),
            String(each.bytes),
            String(each.expired),
            String(each.alike),
            each.indexed ? 'whole' : 'not whole',
          ]),
        ),
  );
  if (!health.healthy)
    throw new SnowError({
      code: 'INTERNAL',
      message: 'The index does not hold exactly the memories that there are.',
      hint: 'Export the namespace, delete it, and import it again; mcp-snow doctor examines the file.',
    });
}
