import { SnowError } from '../../errors/snow-error.js';
import type { SearchTerm } from '../../store/memory-store.js';
import { plainWords, stemOf } from './words.js';

/** Characters of a question, and terms in it. */
export const LONGEST_QUESTION = 2_000;
const MOST_TERMS = 48;

/** A text in quotes or up to the next space, with what stands before and after it. */
const PIECE = /(-?)(?:"([^"]*)"?|(\S+))/gu;

export interface SearchTerms {
  readonly terms: readonly SearchTerm[];
  readonly not: readonly SearchTerm[];
}

/**
 * Reads a question: words that all have to be there in any form, `"a phrase"`, `begin*`, `-without` and `-"without this"`.
 * Everything else is no syntax, so any text is a question; what is written together (`amount_cents`, `db.orders`) is looked for
 * together. Throws `INVALID_ARGUMENT` for one that is too long.
 */
export function searchTerms(question: string): SearchTerms {
  if (question.length > LONGEST_QUESTION)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The question has ${question.length} characters; ${LONGEST_QUESTION} is the most.`,
      hint: 'Give the few words that matter.',
    });
  const terms: SearchTerm[] = [];
  const not: SearchTerm[] = [];
  for (const [, minus, quoted, bare] of question.matchAll(PIECE)) {
    const found = quoted === undefined ? bareTerms(bare ?? '') : phrase(plainWords(quoted));
    (minus === '-' ? not : terms).push(...found);
  }
  return { terms: distinct(terms).slice(0, MOST_TERMS), not: distinct(not).slice(0, MOST_TERMS) };
}

function bareTerms(text: string): readonly SearchTerm[] {
  const words = plainWords(text);
  const last = words.at(-1);
  if (!text.endsWith('*') || last === undefined) return phrase(words);
  return [...phrase(words.slice(0, -1)), { prefix: last, stem: stemOf(last) }];
}

function phrase(words: readonly string[]): readonly SearchTerm[] {
  return words.length === 0 ? [] : [{ words: words.map(stemOf) }];
}

function distinct(terms: readonly SearchTerm[]): readonly SearchTerm[] {
  return [...new Map(terms.map((term) => [JSON.stringify(term), term])).values()];
}
