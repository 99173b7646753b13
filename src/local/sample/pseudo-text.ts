import { Draw, randomBits } from './draw.js';

/** Number of texts in the pool; comments are pieces of them. */
const POOL_SIZE = 1024;
const SENTENCES = 16;
/** The longest comment (198) from the last start. */
const POOL_TEXT_LENGTH = 232;
const STARTS = 32;

/** The grammar's words, clause 4.2.2.14; the words that query 13 looks for come more often, as in the specification's tool. */
const NOUNS = [
  ...['packages', 'packages', 'packages', 'requests', 'requests', 'requests', 'accounts', 'accounts', 'accounts'],
  ...['deposits', 'deposits', 'deposits', 'foxes', 'ideas', 'theodolites', 'pinto beans', 'instructions'],
  ...['dependencies', 'excuses', 'platelets', 'asymptotes', 'courts', 'dolphins', 'multipliers', 'sauternes'],
  ...['warthogs', 'frets', 'dinos', 'attainments', 'somas', "Tiresias'", 'patterns', 'forges', 'braids'],
  ...['hockey players', 'frays', 'warhorses', 'dugouts', 'notornis', 'epitaphs', 'pearls', 'tithes', 'waters'],
  ...['orbits', 'gifts', 'sheaves', 'depths', 'sentiments', 'decoys', 'realms', 'pains', 'grouches', 'escapades'],
];
const VERBS = [
  ...['sleep', 'wake', 'are', 'cajole', 'haggle', 'nag', 'use', 'boost', 'affix', 'detect', 'integrate'],
  ...['maintain', 'nod', 'was', 'lose', 'sublate', 'solve', 'thrash', 'promise', 'engage', 'hinder', 'print'],
  ...['x-ray', 'breach', 'eat', 'grow', 'impress', 'mold', 'poach', 'serve', 'run', 'dazzle', 'snooze', 'doze'],
  ...['unwind', 'kindle', 'play', 'hang', 'believe', 'doubt'],
];
const ADJECTIVES = [
  ...['special', 'special', 'pending', 'pending', 'unusual', 'unusual', 'express', 'express', 'furious', 'sly'],
  ...['careful', 'blithe', 'quick', 'fluffy', 'slow', 'quiet', 'ruthless', 'thin', 'close', 'dogged', 'daring'],
  ...['brave', 'stealthy', 'permanent', 'enticing', 'idle', 'busy', 'regular', 'final', 'ironic', 'even', 'bold'],
  ...['silent'],
];
const ADVERBS = [
  ...['sometimes', 'always', 'never', 'furiously', 'slyly', 'carefully', 'blithely', 'quickly', 'fluffily'],
  ...['slowly', 'quietly', 'ruthlessly', 'thinly', 'closely', 'doggedly', 'daringly', 'bravely', 'stealthily'],
  ...['permanently', 'enticingly', 'idly', 'busily', 'regularly', 'finally', 'ironically', 'evenly', 'boldly'],
  ...['silently'],
];
const PREPOSITIONS = [
  ...['about', 'above', 'according to', 'across', 'after', 'against', 'along', 'alongside of', 'among', 'around'],
  ...['at', 'atop', 'before', 'behind', 'beneath', 'beside', 'besides', 'between', 'beyond', 'by', 'despite'],
  ...['during', 'except', 'for', 'from', 'in place of', 'inside', 'instead of', 'into', 'near', 'of', 'on'],
  ...['outside', 'over', 'past', 'since', 'through', 'throughout', 'to', 'toward', 'under', 'until', 'up', 'upon'],
  ...['without', 'with', 'within'],
];
const AUXILIARIES = [
  ...['do', 'may', 'might', 'shall', 'will', 'would', 'can', 'could', 'should', 'ought to', 'must'],
  ...['will have to', 'shall have to', 'could have to', 'should have to', 'must have to', 'need to', 'try to'],
];
const TERMINATORS = ['.', ';', ':', '?', '!', '--'];

/** SQL that makes the pool, a temporary table of `i` (0 and up) and `body`. */
export function poolSql(name: string): string {
  const bits = ['form', 'subject', 'verb', 'object', 'between', 'after'];
  const columns = bits.map((label) => `${randomBits(label, 'k')} AS ${label}`);
  return `CREATE TEMP TABLE ${name} AS
SELECT k // ${SENTENCES} AS i, left(string_agg(sentence, ' ' ORDER BY k), ${POOL_TEXT_LENGTH}) AS body
FROM (
  SELECT k, ${sentence()} AS sentence
  FROM (SELECT k, ${columns.join(', ')} FROM range(${POOL_SIZE * SENTENCES}) AS r(k))
)
GROUP BY ALL ORDER BY ALL`;
}

/** SQL of the pool's index for a comment; its draw must be the one that `commentSql` gets. */
export function poolIndex(draw: Draw): string {
  return draw.below(POOL_SIZE);
}

/** SQL of a comment of `low` to `high` characters, cut from `body` of the pool. */
export function commentSql(draw: Draw, low: number, high: number): string {
  return `substr(body, 1 + ${draw.below(STARTS)}, ${draw.between(low, high)})`;
}

function sentence(): string {
  const form = new Draw('form');
  const end = form.oneOf(TERMINATORS);
  const subject = nounPhrase(new Draw('subject'));
  const object = nounPhrase(new Draw('object'));
  const verb = verbPhrase(new Draw('verb'));
  const between = prepositionalPhrase(new Draw('between'));
  const after = prepositionalPhrase(new Draw('after'));
  return `CASE ${form.below(5)}
    WHEN 0 THEN concat(${subject}, ' ', ${verb}, ${end})
    WHEN 1 THEN concat(${subject}, ' ', ${verb}, ' ', ${between}, ${end})
    WHEN 2 THEN concat(${subject}, ' ', ${verb}, ' ', ${object}, ${end})
    WHEN 3 THEN concat(${subject}, ' ', ${between}, ' ', ${verb}, ' ', ${object}, ${end})
    ELSE concat(${subject}, ' ', ${between}, ' ', ${verb}, ' ', ${after}, ${end}) END`;
}

function nounPhrase(draw: Draw): string {
  const noun = draw.oneOf(NOUNS);
  const adjective = draw.oneOf(ADJECTIVES);
  return `CASE ${draw.below(4)}
    WHEN 0 THEN ${noun}
    WHEN 1 THEN concat(${adjective}, ' ', ${noun})
    WHEN 2 THEN concat(${adjective}, ', ', ${draw.oneOf(ADJECTIVES)}, ' ', ${noun})
    ELSE concat(${draw.oneOf(ADVERBS)}, ' ', ${adjective}, ' ', ${noun}) END`;
}

function verbPhrase(draw: Draw): string {
  const verb = draw.oneOf(VERBS);
  const auxiliary = draw.oneOf(AUXILIARIES);
  const adverb = draw.oneOf(ADVERBS);
  return `CASE ${draw.below(4)}
    WHEN 0 THEN ${verb}
    WHEN 1 THEN concat(${auxiliary}, ' ', ${verb})
    WHEN 2 THEN concat(${verb}, ' ', ${adverb})
    ELSE concat(${auxiliary}, ' ', ${verb}, ' ', ${adverb}) END`;
}

function prepositionalPhrase(draw: Draw): string {
  return `concat(${draw.oneOf(PREPOSITIONS)}, ' the ', ${nounPhrase(draw)})`;
}
