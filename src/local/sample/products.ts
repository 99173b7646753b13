import { Draw, randomBits, sqlList } from './draw.js';
import { commentSql, poolIndex } from './pseudo-text.js';
import type { SampleSize } from './sample-size.js';

const COLOURS = [
  ...['almond', 'antique', 'aquamarine', 'azure', 'beige', 'bisque', 'black', 'blanched', 'blue', 'blush', 'brown'],
  ...['burlywood', 'burnished', 'chartreuse', 'chiffon', 'chocolate', 'coral', 'cornflower', 'cornsilk', 'cream'],
  ...['cyan', 'dark', 'deep', 'dim', 'dodger', 'drab', 'firebrick', 'floral', 'forest', 'frosted', 'gainsboro'],
  ...['ghost', 'goldenrod', 'green', 'grey', 'honeydew', 'hot', 'indian', 'ivory', 'khaki', 'lace', 'lavender'],
  ...['lawn', 'lemon', 'light', 'lime', 'linen', 'magenta', 'maroon', 'medium', 'metallic', 'midnight', 'mint'],
  ...['misty', 'moccasin', 'navajo', 'navy', 'olive', 'orange', 'orchid', 'pale', 'papaya', 'peach', 'peru', 'pink'],
  ...['plum', 'powder', 'puff', 'purple', 'red', 'rose', 'rosy', 'royal', 'saddle', 'salmon', 'sandy', 'seashell'],
  ...['sienna', 'sky', 'slate', 'smoke', 'snow', 'spring', 'steel', 'tan', 'thistle', 'tomato', 'turquoise'],
  ...['violet', 'wheat', 'white', 'yellow'],
];
const WORDS_IN_NAME = 5;

const TYPE_SYLLABLES = [
  ['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO'],
  ['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED'],
  ['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER'],
];
const CONTAINER_SYLLABLES = [
  ['SM', 'LG', 'MED', 'JUMBO', 'WRAP'],
  ['CASE', 'BOX', 'BAG', 'JAR', 'PKG', 'PACK', 'CAN', 'DRUM'],
];

/** Query of the table PART; `pool` is the pseudo-text's table. */
export function partSql(pool: string, { parts }: SampleSize): string {
  const draw = new Draw('bits');
  const words = new Draw('words');
  const index = poolIndex(words);
  const manufacturer = draw.between(1, 5);
  const brand = draw.between(1, 5);
  const syllables = (lists: readonly (readonly string[])[]) => lists.map((list) => draw.oneOf(list)).join(', ');
  const keys = `SELECT k, ${randomBits('part', 'k')} AS bits, ${randomBits('part text', 'k')} AS words,
    ${randomBits('part name', 'k')} AS colours FROM range(1, ${parts + 1}) AS r(k)`;
  return `SELECT k, array_to_string(name, ' '), concat('Manufacturer#', ${manufacturer}), concat('Brand#', ${manufacturer}, ${brand}),
  concat_ws(' ', ${syllables(TYPE_SYLLABLES)}), ${draw.between(1, 50)}, concat_ws(' ', ${syllables(CONTAINER_SYLLABLES)}),
  ${retailPriceSql('k')}, ${commentSql(words, 5, 22)}
FROM (${withDistinctColours(keys)})
JOIN ${pool} ON i = ${index} ORDER BY k`;
}

/** Query of the table PARTSUPP: four suppliers for each part. */
export function partsuppSql(pool: string, size: SampleSize): string {
  const draw = new Draw('bits');
  const index = poolIndex(draw);
  return `SELECT k, ${supplierOfPartSql('k', 'n', size)}, ${draw.between(1, 9999)}, ${draw.cents(100, 100_000)}, comment
FROM (
  SELECT k, n, bits, ${commentSql(new Draw('words'), 49, 198)} AS comment
  FROM (SELECT k, n, ${randomBits('partsupp', "k || '.' || n")} AS bits, ${randomBits('partsupp text', "k || '.' || n")} AS words
    FROM range(1, ${size.parts + 1}) AS r(k), range(4) AS s(n))
  JOIN ${pool} ON i = ${index}
) ORDER BY k, n`;
}

/** P_RETAILPRICE by clause 4.2.3. */
export function retailPriceSql(partKey: string): string {
  return `((90000 + (${partKey} // 10) % 20001 + 100 * (${partKey} % 1000))::DECIMAL(12, 0) * 0.01)::DECIMAL(12, 2)`;
}

/** PS_SUPPKEY by clause 4.2.3: the part's supplier number 0 to 3. */
export function supplierOfPartSql(partKey: string, nth: string, { suppliers }: SampleSize): string {
  return `(${partKey} + ${nth} * (${suppliers} // 4 + (${partKey} - 1) // ${suppliers})) % ${suppliers} + 1`;
}

/**
 * Adds to the rows of a query (with random bits in `colours`) five words `name`, none of them twice: each is drawn from
 * those that are left.
 */
function withDistinctColours(query: string): string {
  const draw = new Draw('colours');
  let named = `SELECT *, []::VARCHAR[] AS name, ${sqlList(COLOURS)} AS unused FROM (${query})`;
  for (let taken = 0; taken < WORDS_IN_NAME; taken++) {
    const pick = draw.below(COLOURS.length - taken);
    named = `SELECT * REPLACE (list_append(name, unused[1 + ${pick}]) AS name, unused[:${pick}] || unused[${pick} + 2:] AS unused)
    FROM (${named})`;
  }
  return named;
}
