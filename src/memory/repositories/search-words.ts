import { SnowError } from '../../errors/snow-error.js';
import { spread } from './identifier-words.js';

/** What is looked for in the text of files. */
export interface SearchWords {
  /** Of FTS5: all of the words. */
  readonly all: string;
  /** Each of them alone, for when nothing has all; absent when there is only one. */
  readonly some?: SomeWords;
}

export interface SomeWords {
  /** What is wanted, at least two. */
  readonly terms: readonly string[];
  /** One of the terms, or more. */
  readonly any: string;
}

const LONGEST = 1_000;
const MOST_TERMS = 32;

/** `-"a phrase"`, `-word`, `prefix*`: sign, phrase or word, star. */
const TERM = /(-?)(?:"([^"]*)"?|([^\s"]+))/gu;

/**
 * What somebody typed as an expression of FTS5: words (all of them), `"phrases"`, `prefix*`, `-without`. Identifiers are taken
 * apart as those of the index are, and their parts looked for side by side. Every word reaches FTS5 as a quoted string, so
 * nothing in it is syntax.
 *
 * @throws `INVALID_ARGUMENT` when there is nothing to look for.
 */
export function searchWords(text: string): SearchWords {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  if (text.length > LONGEST) throw unusable(`The text has more than ${LONGEST} characters.`);
  for (const [, minus, phrase, word] of text.replaceAll('\0', ' ').matchAll(TERM)) {
    const isPrefix = word?.endsWith('*') === true;
    const words = spread(phrase ?? word ?? '');
    if (!/[\p{L}\p{N}\p{Co}]/u.test(words)) continue;
    const term = `"${words.replace(/["\p{Cs}]/gu, ' ')}"${isPrefix ? '*' : ''}`;
    (minus === '-' ? unwanted : wanted).push(term);
  }
  if (wanted.length + unwanted.length > MOST_TERMS) throw unusable(`The text has more than ${MOST_TERMS} words.`);
  if (wanted.length === 0)
    throw unusable(unwanted.length === 0 ? 'There is no word in the text.' : 'There are only words to leave out.');
  const without = unwanted.length === 0 ? '' : ` NOT (${unwanted.join(' OR ')})`;
  const all = `(${wanted.join(' AND ')})${without}`;
  const terms = [...new Set(wanted)];
  return terms.length < 2 ? { all } : { all, some: { terms, any: `(${terms.join(' OR ')})${without}` } };
}

function unusable(message: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message,
    hint: 'Give words to look for: order revenue, "exact phrase", prefix*, -without.',
  });
}
