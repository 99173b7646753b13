import { Draw, randomBits, sqlList } from './draw.js';
import { commentSql, poolIndex } from './pseudo-text.js';
import type { SampleSize } from './sample-size.js';

const REGIONS = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'];

/** Nations by key, each with its region's key. */
const NATIONS: readonly (readonly [string, number])[] = [
  ['ALGERIA', 0],
  ['ARGENTINA', 1],
  ['BRAZIL', 1],
  ['CANADA', 1],
  ['EGYPT', 4],
  ['ETHIOPIA', 0],
  ['FRANCE', 3],
  ['GERMANY', 3],
  ['INDIA', 2],
  ['INDONESIA', 2],
  ['IRAN', 4],
  ['IRAQ', 4],
  ['JAPAN', 2],
  ['JORDAN', 4],
  ['KENYA', 0],
  ['MOROCCO', 0],
  ['MOZAMBIQUE', 0],
  ['PERU', 1],
  ['CHINA', 2],
  ['ROMANIA', 3],
  ['SAUDI ARABIA', 4],
  ['VIETNAM', 2],
  ['RUSSIA', 3],
  ['UNITED KINGDOM', 3],
  ['UNITED STATES', 1],
];

const SEGMENTS = ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD'];

/** Queries of the tables REGION, NATION, SUPPLIER and CUSTOMER (clause 4.2.3); `pool` is the pseudo-text's table. */
export function regionSql(pool: string): string {
  const words = new Draw('words');
  const index = poolIndex(words);
  return `SELECT k, ${sqlList(REGIONS)}[1 + k], ${commentSql(words, 31, 115)}
FROM (SELECT k, ${randomBits('region', 'k')} AS words FROM range(${REGIONS.length}) AS r(k))
JOIN ${pool} ON i = ${index} ORDER BY k`;
}

export function nationSql(pool: string): string {
  const words = new Draw('words');
  const index = poolIndex(words);
  const names = sqlList(NATIONS.map(([name]) => name));
  const regions = `[${NATIONS.map(([, region]) => region).join(', ')}]`;
  return `SELECT k, ${names}[1 + k], ${regions}[1 + k], ${commentSql(words, 31, 114)}
FROM (SELECT k, ${randomBits('nation', 'k')} AS words FROM range(${NATIONS.length}) AS r(k))
JOIN ${pool} ON i = ${index} ORDER BY k`;
}

/** One supplier in 2,000 has a complaint in its comment and one in 2,000 a recommendation; at least one each. */
export function supplierSql(pool: string, { suppliers }: SampleSize): string {
  const draw = new Draw('bits');
  const words = new Draw('words');
  const index = poolIndex(words);
  const nation = draw.below(NATIONS.length);
  const comment = commentSql(words, 25, 100);
  const noted = (word: string) =>
    `concat(left(${comment}, 20), 'Customer ', substr(${comment}, 21, 10), '${word}', substr(${comment}, 31, 40))`;
  const period = Math.min(2000, suppliers);
  return `SELECT k, format('Supplier#{:09d}', k), ${addressSql('supplier', words)}, ${nation}, ${phoneSql(nation, draw)},
  ${words.cents(-99_999, 999_999)},
  CASE k % ${period} WHEN ${period >> 2} THEN ${noted('Complaints')} WHEN ${period >> 1} THEN ${noted('Recommends')}
    ELSE ${comment} END
FROM (SELECT k, ${randomBits('supplier', 'k')} AS bits, ${randomBits('supplier text', 'k')} AS words
  FROM range(1, ${suppliers + 1}) AS r(k))
JOIN ${pool} ON i = ${index} ORDER BY k`;
}

export function customerSql(pool: string, { customers }: SampleSize): string {
  const draw = new Draw('bits');
  const words = new Draw('words');
  const index = poolIndex(words);
  const nation = words.below(NATIONS.length);
  return `SELECT k, format('Customer#{:09d}', k), ${addressSql('customer', draw)}, ${nation}, ${phoneSql(nation, draw)},
  ${words.cents(-99_999, 999_999)}, ${draw.oneOf(SEGMENTS)}, ${commentSql(words, 29, 116)}
FROM (SELECT k, ${randomBits('customer', 'k')} AS bits, ${randomBits('customer text', 'k')} AS words
  FROM range(1, ${customers + 1}) AS r(k))
JOIN ${pool} ON i = ${index} ORDER BY k`;
}

/** 10 to 40 characters out of 64. */
function addressSql(table: string, draw: Draw): string {
  const bytes = `unhex(md5('${table} address ' || k) || md5('${table} street ' || k))`;
  return `left(translate(to_base64(${bytes}), '+/=', ', '), ${draw.between(10, 40)})`;
}

/** Clause 4.2.2.9: the country code is the nation's key plus 10. */
function phoneSql(nation: string, draw: Draw): string {
  const number = [draw.between(100, 999), draw.between(100, 999), draw.between(1000, 9999)];
  return `concat_ws('-', ${nation} + 10, ${number.join(', ')})`;
}
