import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { SnowError } from '../../errors/snow-error.js';
import { startStep } from '../step.js';
import { terminal } from '../terminal.js';
import { type MemoriesPage, type MemoryOptions, type MemorySession, withMemories } from './memory-session.js';

const PAGE = 500;

/** One import takes so many records and so many characters of them. */
const MOST_RECORDS = 500;
const MOST_CHARS = 500_000;

const ERRORS_SHOWN = 20;

/** One memory a line, the newest first; the file begins anew. */
export async function exportMemories(file: string, options: MemoryOptions): Promise<void> {
  const toStdout = file === '-';
  const step = await startStep('exporting', options);
  let count = 0;
  try {
    const out: Writable = toStdout ? process.stdout : createWriteStream(file, { mode: 0o600 });
    if (!toStdout) await once(out, 'open');
    await withMemories(options, 'The export', async ({ runSurely }) => {
      for (let cursor: string | undefined; ; ) {
        const request = { namespace: options.namespace ?? 'own', limit: PAGE, max_chars: 100_000, cursor };
        const page: MemoriesPage = await runSurely('memory_list', request);
        for (const memory of page.memories) if (!out.write(`${JSON.stringify(memory)}\n`)) await once(out, 'drain');
        count += page.memories.length;
        step.update(`exporting: ${count}`);
        cursor = page.next_cursor;
        if (cursor === undefined) break;
      }
    });
    if (!toStdout) {
      out.end();
      await finished(out);
    }
    step.done(`${count} memories exported`);
  } catch (failure) {
    throw fileFailure(failure, file);
  } finally {
    step.end();
  }
}

interface Imported {
  stored: number;
  duplicates: number;
  expired: number;
  failed: number;
  readonly errors: { readonly line: number; readonly message: string }[];
}

/** Lines of an export, in portions, so that a file of any length is read; may be repeated. Ends as failed when a line did. */
export async function importMemories(file: string, options: MemoryOptions): Promise<void> {
  const step = await startStep('importing', options);
  const sum: Imported = { stored: 0, duplicates: 0, expired: 0, failed: 0, errors: [] };
  try {
    const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
    if (file !== '-') await once(input, 'open');
    await withMemories(options, 'The import', async (session) => {
      for await (const portion of portionsOf(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), sum)) {
        await importPortion(portion, session, options, sum);
        step.update(`importing: ${sum.stored + sum.duplicates}`);
      }
    });
    step.end();
  } catch (failure) {
    throw fileFailure(failure, file);
  } finally {
    step.end();
  }
  const talk = terminal({ json: options.json ?? false, color: options.color });
  await talk.result(sum, () => {
    const { stored, duplicates, expired, failed } = sum;
    return `${stored} stored, ${duplicates} there already, ${expired} past their time, ${failed} not readable`;
  });
  if (sum.failed === 0) return;
  const told = sum.errors.slice(0, ERRORS_SHOWN).map(({ line, message }) => `line ${line}: ${message}`);
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${sum.failed} lines of ${file} could not be stored: ${told.join('; ')}`,
    hint: 'Correct them and import the file again: what is stored stays as it is.',
  });
}

interface Portion {
  readonly firstLine: number;
  readonly records: unknown[];
}

/** Records of consecutive lines; what is no JSON is noted, and ends a portion. */
async function* portionsOf(lines: AsyncIterable<string>, sum: Imported): AsyncGenerator<Portion> {
  let portion: Portion | undefined;
  let chars = 0;
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const record = recordOf(line);
    if ('record' in record) {
      portion ??= { firstLine: number, records: [] };
      portion.records.push(record.record);
      chars += line.length;
      if (portion.records.length < MOST_RECORDS && chars < MOST_CHARS) continue;
    } else if (record.bad) {
      sum.failed += 1;
      sum.errors.push({ line: number, message: 'it is no JSON' });
    }
    if (portion !== undefined) yield portion;
    portion = undefined;
    chars = 0;
  }
  if (portion !== undefined) yield portion;
}

function recordOf(line: string): { readonly record: unknown } | { readonly bad: boolean } {
  if (line.trim() === '') return { bad: false };
  try {
    return { record: JSON.parse(line) as unknown };
  } catch {
    return { bad: true };
  }
}

async function importPortion(
  { firstLine, records }: Portion,
  session: MemorySession,
  { namespace }: MemoryOptions,
  sum: Imported,
): Promise<void> {
  const answer = await session.runSurely('memory_import', { records, first_line: firstLine, namespace });
  sum.stored += answer.stored;
  sum.duplicates += answer.duplicates;
  sum.expired += answer.expired;
  sum.failed += answer.failed;
  sum.errors.push(...(answer.errors ?? []));
}

function fileFailure(failure: unknown, file: string): unknown {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
  if (code === 'ENOENT')
    return new SnowError({ code: 'NOT_FOUND', message: `There is no file ${file}.`, hint: 'Check the path.' });
  if (code === 'EACCES' || code === 'EISDIR' || code === 'ENOSPC' || code === 'EPERM')
    return new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${file} cannot be used (${code}).`,
      hint: 'Check that it is a file, its permissions, and the space on its disk.',
    });
  return failure;
}
