import { porterStem } from './porter.js';

/** A letter of a script that puts no space between words is a word of its own; else runs of letters and digits are. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]\p{M}*|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}\p{M}])+/gu;
const ACCENTS = /[\u0300-\u036f]+/g;
const ENGLISH = /^[a-z]+$/;

/** Longer words are cut: nobody looks for the second half of a hash. */
const LONGEST_WORD = 64;

/** Stems of words lately met. */
const REMEMBERED = 20_000;
const stems = new Map<string, string>();

/** Lower case, without accents, compatibility forms as their plain ones (NFKD). */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(ACCENTS, '').toLowerCase();
}

/** Words of a text as they stand there, folded, in order. */
export function plainWords(text: string): string[] {
  return (folded(text).match(WORD) ?? []).map((word) =>
    word.length > LONGEST_WORD ? [...word].slice(0, LONGEST_WORD).join('') : word,
  );
}

/** The stem that stands for a plain word in the index. */
export function stemOf(word: string): string {
  if (!ENGLISH.test(word)) return word;
  const known = stems.get(word);
  if (known !== undefined) return known;
  if (stems.size >= REMEMBERED) stems.clear();
  const stem = porterStem(word);
  stems.set(word, stem);
  return stem;
}

export function stemmedWords(text: string): string[] {
  return plainWords(text).map(stemOf);
}
