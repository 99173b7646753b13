import type { MemoryFilter, NamespaceChoice } from '../store/memory-store.js';
import { linkOf, namesAround } from './links.js';
import { linkMark, sourceMark, tagMark } from './text/marks.js';
import { timePoint, timeSpan } from './time/time-span.js';

interface GivenFilter {
  readonly tags?: readonly string[] | undefined;
  readonly tag_match?: 'all' | 'any' | undefined;
  readonly link?: string | undefined;
  readonly source?: string | undefined;
  readonly when?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly time_zone?: string | undefined;
}

/** What a caller asks for in the terms of the store. `timeZone`: where the caller names none. */
export async function memoryFilter(given: GivenFilter, now: number, timeZone: string): Promise<MemoryFilter> {
  const zone = given.time_zone ?? timeZone;
  const told = given.when === undefined ? {} : await timeSpan(given.when, now, zone);
  const since = given.since === undefined ? told.since : await timePoint(given.since, now, zone);
  const until = given.until === undefined ? told.until : await timePoint(given.until, now, zone);
  const tags = given.tags?.map(tagMark) ?? [];
  const link = given.link === undefined ? undefined : linkOf(given.link);
  return {
    ...(tags.length > 0 && (given.tag_match === 'any' ? { anyTags: tags } : { allTags: tags })),
    ...(link !== undefined && { link: { name: linkMark(link), parents: namesAround(link).map(linkMark) } }),
    ...(given.source !== undefined && { source: sourceMark(given.source) }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

export function namesNothing(filter: MemoryFilter): boolean {
  return Object.keys(filter).length === 0;
}

/** Where one reads: its own and all shared ones it may read, unless it names one. */
export function readChoice(namespace: string | undefined): NamespaceChoice {
  if (namespace === undefined) return 'all';
  return namespace === 'own' ? 'own' : { shared: namespace };
}

/** Where one writes: its own, unless it names another. */
export function writeChoice(namespace: string | undefined): NamespaceChoice {
  return namespace === undefined || namespace === 'own' ? 'own' : { shared: namespace };
}
