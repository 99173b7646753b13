import { SnowError } from '../errors/snow-error.js';
import type { MemoryLabels, NewMemory } from '../store/memory-store.js';
import { linkOf } from './links.js';
import { indexedText, marksOf } from './text/marks.js';
import { timePoint } from './time/time-span.js';

/** What a lone half of a character, or a NUL, is kept as: neither can be stored as it is. */
const REPLACEMENT = '\ufffd';
const UNSTORABLE = /\p{Surrogate}|\0/gu;

interface GivenLabels {
  readonly tags?: readonly string[] | undefined;
  readonly links?: readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** A text and what goes with it, as the store takes it: read, folded and marked for the index. Throws `INVALID_ARGUMENT`. */
export function contentOf(given: string, labels: GivenLabels): Pick<NewMemory, 'indexed' | 'labels' | 'marks'> {
  const text = storable(given);
  const kept: MemoryLabels = {
    tags: distinct((labels.tags ?? []).map(storable)),
    links: distinct((labels.links ?? []).map(linkOf)),
    ...(labels.source !== undefined && { source: storable(labels.source) }),
    ...(labels.metadata !== undefined && { metadata: labels.metadata }),
  };
  return { indexed: indexedText(text), labels: kept, marks: marksOf(text, kept) };
}

/** When it is over, in ms since the epoch; absent: never. Throws `INVALID_ARGUMENT` for the past, or both at once. */
export async function expiryOf(
  given: { readonly expires_at?: string | null | undefined; readonly ttl_s?: number | undefined },
  now: number,
  timeZone: string,
): Promise<number | undefined> {
  const { expires_at: at, ttl_s: ttl } = given;
  if (ttl === undefined && (at === undefined || at === null)) return undefined;
  if (ttl !== undefined && at !== undefined && at !== null)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'A memory cannot have both expires_at and ttl_s.',
      hint: 'Give one of them.',
    });
  const expiresAt = ttl === undefined ? await timePoint(at as string, now, timeZone) : Math.round(now + ttl * 1_000);
  if (expiresAt > now) return expiresAt;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `expires_at ${JSON.stringify(at)} is in the past.`,
    hint: 'Give a date or time to come (2030-01-31), or ttl_s.',
  });
}

function storable(text: string): string {
  return text.replace(UNSTORABLE, REPLACEMENT);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
