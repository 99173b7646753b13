// Texts of made-up words with the frequencies of a natural language (Zipf), the same in every run.

const SYLLABLES =
  'ba be bi bo bu da de di do du fa fe ga ge go ha he ka ke ki ko la le li lo lu ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to tu va ve wa we za'.split(
    ' ',
  );
const WORDS = 40_000;

export function draws(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The word of a rank: frequent ones are short. */
export function wordOf(rank) {
  let word = '';
  for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}

export function textOf(draw, words = 15 + Math.floor(draw() * 45)) {
  const rank = () => Math.min(WORDS - 1, Math.floor(Math.exp(draw() * Math.log(WORDS))) - 1);
  return Array.from({ length: words }, () => wordOf(rank())).join(' ');
}

/** Questions of one to three words, from frequent to rare. */
export const QUESTIONS = [
  [3],
  [40],
  [400],
  [4_000],
  [1, 8],
  [5, 300],
  [60, 90],
  [12, 5_000],
  [2, 30, 200],
  [100, 150, 20],
].map((ranks) => ranks.map(wordOf).join(' '));
