import { Draw, randomBits } from './draw.js';
import { retailPriceSql, supplierOfPartSql } from './products.js';
import { commentSql, poolIndex } from './pseudo-text.js';
import type { SampleSize } from './sample-size.js';

const FIRST_DAY = "DATE '1992-01-01'";
/** Days from the first order to the last: ENDDATE (1998-12-31) less 151 days. */
const ORDER_DAYS = 2405;
/** The day on which the data is looked at: what was received by then is returned or accepted, what was not shipped is open. */
const CURRENT_DATE = "DATE '1995-06-17'";

const PRIORITIES = ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'];
const INSTRUCTIONS = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'];
const MODES = ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'];

/** Days after the order: shipped, promised; and days after shipping: received. */
const SHIPPED = [1, 121] as const;
const COMMITTED = [30, 90] as const;
const RECEIVED = [1, 30] as const;

/**
 * Query of the orders without what their lines decide. Of 32 consecutive keys the first eight are used; a customer whose key
 * is divisible by three orders nothing (clause 4.2.3).
 */
export function orderHeadsSql(pool: string, { orders, customers, clerks }: SampleSize): string {
  const draw = new Draw('bits');
  const words = new Draw('words');
  const index = poolIndex(draw);
  const ordering = draw.below(customers - Math.floor(customers / 3));
  return `SELECT n // 8 * 32 + n % 8 + 1 AS orderkey, ${ordering} // 2 * 3 + 1 + ${ordering} % 2 AS custkey,
  ${FIRST_DAY} + (${draw.below(ORDER_DAYS + 1)})::INTEGER AS orderdate, ${draw.between(1, 7)} AS lines,
  ${words.oneOf(PRIORITIES)} AS priority, format('Clerk#{:09d}', ${words.between(1, clerks)}) AS clerk,
  ${commentSql(words, 19, 78)} AS comment
FROM (SELECT n, ${randomBits('order', 'n')} AS bits, ${randomBits('order text', 'n')} AS words FROM range(${orders}) AS r(n))
JOIN ${pool} ON i = ${index} ORDER BY n`;
}

/** Query of the table LINEITEM: one to seven lines for each order of `heads`. */
export function lineitemSql(pool: string, heads: string, size: SampleSize): string {
  const key = "orderkey || '.' || line";
  const draw = new Draw('bits');
  const words = new Draw('words');
  const index = poolIndex(words);
  const partkey = words.between(1, size.parts);
  const quantity = draw.between(1, 50);
  const supplier = supplierOfPartSql('partkey', draw.below(4), size);
  const shipdate = `orderdate + ${draw.between(...SHIPPED)}::INTEGER`;
  const commitdate = `orderdate + ${draw.between(...COMMITTED)}::INTEGER`;
  const lines = `SELECT orderkey, line, partkey, ${supplier} AS suppkey, ${quantity} AS quantity,
    ${draw.cents(0, 10)} AS discount, ${draw.cents(0, 8)} AS tax, ${draw.oneOf(['R', 'A'])} AS returnflag,
    ${shipdate} AS shipdate, ${commitdate} AS commitdate, ${draw.between(...RECEIVED)}::INTEGER AS travel,
    ${draw.oneOf(INSTRUCTIONS)} AS shipinstruct, ${draw.oneOf(MODES)} AS shipmode, comment
  FROM (
    SELECT *, ${partkey} AS partkey, ${commentSql(words, 10, 43)} AS comment
    FROM (SELECT orderkey, orderdate, line, ${randomBits('line', key)} AS bits, ${randomBits('line text', key)} AS words
      FROM ${heads}, range(1, 8) AS r(line) WHERE line <= lines)
    JOIN ${pool} ON i = ${index}
  )`;
  return `SELECT orderkey, partkey, suppkey, line, quantity, quantity * ${retailPriceSql('partkey')}, discount, tax,
  if(shipdate + travel <= ${CURRENT_DATE}, returnflag, 'N'), if(shipdate > ${CURRENT_DATE}, 'O', 'F'),
  shipdate, commitdate, shipdate + travel, shipinstruct, shipmode, comment
FROM (${lines}) ORDER BY orderkey, line`;
}

/** Query of the table ORDERS: the heads, with the state and the price that the lines in `lineitem` give them. */
export function ordersSql(heads: string, lineitem: string): string {
  return `SELECT orderkey, custkey, CASE WHEN open = 0 THEN 'F' WHEN open = lines THEN 'O' ELSE 'P' END, price, orderdate,
  priority, clerk, 0, comment
FROM ${heads}
JOIN (
  SELECT l_orderkey, count(*) FILTER (l_linestatus = 'O') AS open,
    sum(round(l_extendedprice * (1 - l_discount) * (1 + l_tax), 2)) AS price
  FROM ${lineitem} GROUP BY l_orderkey
) ON l_orderkey = orderkey
ORDER BY orderkey`;
}
