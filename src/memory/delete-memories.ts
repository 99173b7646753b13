import { createHash } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';
import type { MemorySelection, NamespaceChoice } from '../store/memory-store.js';
import { DATA_NOTICE, memoryAnswer } from './memory-answers.js';
import type { ArgumentsOf } from './memory-arguments.js';
import type { MemoryCall } from './memory-call.js';
import { memoryFilter, namesNothing, writeChoice } from './memory-filter.js';

/** Memories that one call deletes; where there are more, the next call goes on. */
const MOST_DELETED = 10_000;

/** In one transaction of the store. */
const AT_ONCE = 100;

const SHOWN = 5;
const SHOWN_CHARS = 200;

interface Selected {
  readonly where: NamespaceChoice;
  readonly ids: readonly string[];
  readonly more: boolean;
}

/** One memory at once; of several, without `confirm`, only what would be deleted, and the `confirm` for exactly that. */
export async function deleteMemories(given: ArgumentsOf<'memory_delete'>, call: MemoryCall): Promise<object> {
  const selected = await selectedBy(given, call);
  if (given.id !== undefined && given.ids === undefined && given.dry_run !== true) return await deleted(selected, call);
  return await confirmed(selected, given, call);
}

/** Of memories that say the same: deletes all but the newest, in two steps as `memory_delete` has them. */
export async function cleanUpMemories(given: ArgumentsOf<'memory_cleanup'>, call: MemoryCall): Promise<object> {
  const where = writeChoice(given.namespace);
  const { ids, more } = await call.store.alikeMemories(call.asker, where, MOST_DELETED, call.signal);
  return await confirmed({ where, ids, more }, given, call);
}

async function confirmed(
  selected: Selected,
  { confirm, dry_run }: { readonly confirm?: string | undefined; readonly dry_run?: boolean | undefined },
  call: MemoryCall,
): Promise<object> {
  const token = tokenOf(selected);
  if (selected.ids.length === 0 && confirm === undefined) return { would_delete: 0 };
  if (confirm === undefined || dry_run === true) return await dryRun(selected, token, call);
  if (confirm === token) return await deleted(selected, call);
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `What this selects has changed since the dry run: it is ${selected.ids.length} memories now, and nothing was deleted.`,
    hint: 'Look at it again without confirm, and give the confirm of that answer.',
  });
}

async function selectedBy(given: ArgumentsOf<'memory_delete'>, call: MemoryCall): Promise<Selected> {
  const { store, asker, signal, now, timeZone } = call;
  const { id, ids = id === undefined ? undefined : [id], namespace } = given;
  const filter = await memoryFilter(given, now, timeZone);
  if (ids === undefined && namesNothing(filter))
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'memory_delete was not told what to delete.',
      hint: 'Give id, ids, tags, link, source, when, since or until.',
    });
  if (id !== undefined && given.ids === undefined) {
    const there = await store.findMemory(asker, namespace === undefined ? 'all' : writeChoice(namespace), id);
    return { where: writeChoice(there.namespace), ids: [id], more: false };
  }
  const where = writeChoice(namespace);
  const selection: MemorySelection = { ...filter, ...(ids !== undefined && { ids }) };
  return { where, ...(await store.selectMemories(asker, where, selection, MOST_DELETED, signal)) };
}

async function dryRun({ where, ids, more }: Selected, token: string, { store, asker }: MemoryCall): Promise<object> {
  const looked = await Promise.allSettled(ids.slice(0, SHOWN).map((id) => store.findMemory(asker, where, id)));
  // One whose time has just come is not shown.
  const shown = looked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  return {
    notice: DATA_NOTICE,
    would_delete: ids.length,
    ...(more && { more: true }),
    memories: shown.map((memory) => memoryAnswer(memory, SHOWN_CHARS)),
    confirm: token,
  };
}

async function deleted({ where, ids, more }: Selected, call: MemoryCall): Promise<object> {
  const { store, asker, signal, progress } = call;
  let count = 0;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    signal.throwIfAborted();
    count += await store.deleteMemories(asker, where, ids.slice(from, from + AT_ONCE));
    progress({ done: count, total: ids.length });
  }
  return { deleted: count, ...(more && { more: true }) };
}

/** Names exactly these memories. */
function tokenOf({ where, ids }: Selected): string {
  const sorted = [...ids].sort();
  return createHash('sha256')
    .update(JSON.stringify([where, sorted]))
    .digest('base64url')
    .slice(0, 16);
}
