import { createHash } from 'node:crypto';
import type { IndexedText, IndexMarks, MemoryLabels } from '../../store/memory-store.js';
import { namesAround } from '../links.js';
import { folded, plainWords, stemmedWords } from './words.js';

/** Hexadecimal digits of a mark: 96 bits. */
const MARK_DIGITS = 24;

function markOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, MARK_DIGITS);
}

export function indexedText(text: string): IndexedText {
  const digest = createHash('sha256')
    .update(text.normalize('NFC').trim().replace(/\s+/gu, ' '))
    .digest()
    .subarray(0, 16);
  return { text, words: stemmedWords(text), digest };
}

/** Tags are told apart without case, accents and outer spaces. */
export function tagMark(tag: string): string {
  return markOf(folded(tag).trim());
}

export function sourceMark(source: string): string {
  return markOf(folded(source).trim());
}

/** `name` as `linkOf` writes it. */
export function linkMark(name: string): string {
  return markOf(name);
}

export function marksOf(text: string, labels: MemoryLabels): IndexMarks {
  return {
    tags: [...new Set(labels.tags.map(tagMark))],
    links: [...new Set(labels.links.map(linkMark))],
    parents: [...new Set(labels.links.flatMap(namesAround).map(linkMark))],
    ...(labels.source !== undefined && { source: sourceMark(labels.source) }),
    // A text without words is like none but itself.
    likeness: markOf(plainWords(text).join(' ') || text),
  };
}
