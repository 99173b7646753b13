import type { IndexMarks, MemoryFilter, SearchTerm } from '../memory-store.js';

/**
 * Terms of the index. Each begins with its namespace, so that one namespace's lists, ranges and frequencies are its own:
 * `<ns>.word`, `<ns>.word/3` (a text that has it three times or more), `<ns>#tag`, `<ns>@name` (linked to it), `<ns>~name` (linked
 * to something in it), `<ns>%source`, `<ns>=likeness`. Words are letters and digits, so no text can make one of the others.
 */

/** How often a word has to be there for each of its extra terms. */
export const FREQUENCY_LEVELS = [2, 3, 4, 6, 10] as const;

/** Lengths up to here have a class of their own; beyond, sixteen classes to each doubling. */
const EXACT_LENGTHS = 128;
const CLASSES = 256;
const CLASSES_TO_A_DOUBLING = 16;

/** The class of a text of so many words, 0 to 255: what ranking goes by, to 2 percent. */
function lengthClass(words: number): number {
  if (words < EXACT_LENGTHS) return words;
  const doublings = Math.log2(words / EXACT_LENGTHS);
  return Math.min(CLASSES - 1, EXACT_LENGTHS + Math.round(doublings * CLASSES_TO_A_DOUBLING));
}

/** The length that stands for each class, in words. */
export const LENGTH_OF_CLASS: Float64Array = Float64Array.from({ length: CLASSES }, (_, index) =>
  index < EXACT_LENGTHS ? index : EXACT_LENGTHS * 2 ** ((index - EXACT_LENGTHS) / CLASSES_TO_A_DOUBLING),
);

export function seqOf(place: number, words: number): number {
  return place * CLASSES + lengthClass(words);
}

export function classOf(seq: number): number {
  return seq % CLASSES;
}

function spaceOf(namespace: number): string {
  return namespace.toString(36);
}

/** Everything that one memory is found by, as a text that the index cuts at its spaces. */
export function documentTerms(namespace: number, words: readonly string[], marks: IndexMarks): string {
  const space = spaceOf(namespace);
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const terms = words.map((word) => `${space}.${word}`);
  for (const [word, count] of counts)
    for (const level of FREQUENCY_LEVELS) if (count >= level) terms.push(`${space}.${word}/${level}`);
  for (const tag of marks.tags) terms.push(`${space}#${tag}`);
  for (const link of marks.links) terms.push(`${space}@${link}`);
  for (const parent of marks.parents) terms.push(`${space}~${parent}`);
  if (marks.source !== undefined) terms.push(`${space}%${marks.source}`);
  terms.push(`${space}=${marks.likeness}`);
  return terms.join(' ');
}

export function wordTerm(namespace: number, word: string): string {
  return `${spaceOf(namespace)}.${word}`;
}

export function frequencyTerm(namespace: number, word: string, level: number): string {
  return `${spaceOf(namespace)}.${word}/${level}`;
}

export function likenessTerm(namespace: number, likeness: string): string {
  return `${spaceOf(namespace)}=${likeness}`;
}

/** First and last of what likeness terms of a namespace can be. */
export function likenessRange(namespace: number): readonly [string, string] {
  return [`${spaceOf(namespace)}=`, `${spaceOf(namespace)}=g`];
}

/** Expressions of FTS5; terms are quoted, so nothing in them is syntax. */
export function matching(...terms: readonly string[]): string {
  return `"${terms.join(' ')}"`;
}

export function allOf(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] as string) : `(${expressions.join(' AND ')})`;
}

export function anyOf(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] as string) : `(${expressions.join(' OR ')})`;
}

export function termExpression(namespace: number, term: SearchTerm): string {
  const space = spaceOf(namespace);
  if ('words' in term) return matching(...term.words.map((word) => `${space}.${word}`));
  const begins = `${matching(`${space}.${term.prefix}`)} *`;
  return term.stem === term.prefix ? begins : anyOf([begins, matching(`${space}.${term.stem}`)]);
}

/** What a filter asks of tags, links and source; empty when it asks for none. */
export function filterExpressions(namespace: number, filter: MemoryFilter): readonly string[] {
  const space = spaceOf(namespace);
  const { allTags = [], anyTags = [], link, source } = filter;
  return [
    ...allTags.map((tag) => matching(`${space}#${tag}`)),
    ...(anyTags.length === 0 ? [] : [anyOf(anyTags.map((tag) => matching(`${space}#${tag}`)))]),
    ...(link === undefined
      ? []
      : [
          anyOf(
            [`${space}@${link.name}`, `${space}~${link.name}`, ...link.parents.map((name) => `${space}@${name}`)].map(
              (term) => matching(term),
            ),
          ),
        ]),
    ...(source === undefined ? [] : [matching(`${space}%${source}`)]),
  ];
}
