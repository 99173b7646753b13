import { createHash } from 'node:crypto';
import { errorDataOf, SnowError } from '../errors/snow-error.js';
import { type ArgumentsOf, MEMORY_RECORD } from './memory-arguments.js';
import type { MemoryCall } from './memory-call.js';
import { writeChoice } from './memory-filter.js';
import { contentOf } from './stored-memory.js';

/** Errors told one by one; further ones are counted. */
const ERRORS_TOLD = 50;

/** Records stored at once: they share transactions. */
const AT_ONCE = 50;

type Outcome = 'stored' | 'duplicate' | 'expired' | { readonly line: number; readonly message: string };

/**
 * Stores records of an export. What is there already, by its id or its text, stays as it is, so an import may be repeated; what
 * cannot be read is told by its line, and the rest is stored all the same.
 */
export async function importMemories(given: ArgumentsOf<'memory_import'>, call: MemoryCall): Promise<object> {
  const { records, first_line: first = 1 } = given;
  const outcomes: Outcome[] = [];
  for (let from = 0; from < records.length; from += AT_ONCE) {
    call.signal.throwIfAborted();
    const some = records.slice(from, from + AT_ONCE);
    outcomes.push(...(await Promise.all(some.map((record, at) => importOne(record, first + from + at, given, call)))));
    call.progress({ done: outcomes.length, total: records.length });
  }
  const count = (wanted: string): number => outcomes.filter((outcome) => outcome === wanted).length;
  const errors = outcomes.filter((outcome) => typeof outcome === 'object');
  return {
    stored: count('stored'),
    duplicates: count('duplicate'),
    expired: count('expired'),
    failed: errors.length,
    ...(errors.length > 0 && { errors: errors.slice(0, ERRORS_TOLD) }),
  };
}

async function importOne(
  record: unknown,
  line: number,
  { namespace }: ArgumentsOf<'memory_import'>,
  { store, asker, job, now }: MemoryCall,
): Promise<Outcome> {
  const parsed = MEMORY_RECORD.safeParse(record);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    return { line, message: `${where === '' ? '' : `${where}: `}${issue?.message ?? 'it is no memory'}` };
  }
  const { id, text, created_at: created, expires_at: expires } = parsed.data;
  const expiresAt = expires === undefined ? undefined : Date.parse(expires);
  if (expiresAt !== undefined && expiresAt <= now) return 'expired';
  try {
    const outcome = await store.storeMemory(asker, writeChoice(namespace), {
      id: id ?? idOf(job, line),
      ...contentOf(text, parsed.data),
      operation: job,
      ...(created !== undefined && { createdAt: Math.min(now, Date.parse(created)) }),
      ...(expiresAt !== undefined && { expiresAt }),
    });
    return outcome.stored ? 'stored' : 'duplicate';
  } catch (failure) {
    // What concerns one record is its own; what concerns all of them ends the import.
    if (failure instanceof SnowError && failure.code === 'INVALID_ARGUMENT')
      return { line, message: errorDataOf(failure).message };
    throw failure;
  }
}

/** The same in each attempt of the job, and not to be guessed, as the job's own id is not. A UUID version 8 (RFC 9562). */
function idOf(job: string, line: number): string {
  const hex = createHash('sha256').update(`${job}:${line}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
