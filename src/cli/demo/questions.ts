/** What the demo's clients ask; the sample database's shape is that of TPC-H. */
const SAMPLE = 'SNOWFLAKE_SAMPLE_DATA.TPCH_SF1';

/** TPC-H Q1: what was shipped, by return flag and status. */
export const PRICING_SUMMARY = `select l_returnflag, l_linestatus, sum(l_quantity) as quantity,
  sum(l_extendedprice * (1 - l_discount)) as revenue, avg(l_discount) as discount, count(*) as items
from ${SAMPLE}.lineitem where l_shipdate <= dateadd(day, -90, to_date('1998-12-01'))
group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus`;

/** TPC-H Q5 over all regions: who sells to their own country. */
export const LOCAL_SUPPLIERS = `select n_name as nation, r_name as region, sum(l_extendedprice * (1 - l_discount)) as revenue
from ${SAMPLE}.customer, ${SAMPLE}.orders, ${SAMPLE}.lineitem, ${SAMPLE}.supplier, ${SAMPLE}.nation, ${SAMPLE}.region
where c_custkey = o_custkey and l_orderkey = o_orderkey and l_suppkey = s_suppkey and c_nationkey = s_nationkey
  and s_nationkey = n_nationkey and n_regionkey = r_regionkey
  and o_orderdate >= to_date('1994-01-01') and o_orderdate < dateadd(year, 1, to_date('1994-01-01'))
group by n_name, r_name order by revenue desc limit 5`;

/** The analyst's questions, in turn. */
export const ANALYST_QUESTIONS: readonly string[] = [
  PRICING_SUMMARY,
  `select o_orderpriority, count(*) as orders from ${SAMPLE}.orders group by o_orderpriority order by o_orderpriority`,
  `select c_mktsegment, count(*) as customers, avg(c_acctbal) as balance from ${SAMPLE}.customer group by c_mktsegment order by customers desc`,
  `select year(o_orderdate) as year, sum(o_totalprice) as total from ${SAMPLE}.orders group by year order by year`,
];

/** What an agent in a loop asks: each a join of a million pairs, and a little different from the last. */
export function floodQuestion(number: number): string {
  return `select a.l_returnflag, count(*) as pairs, avg(a.l_extendedprice - b.l_extendedprice) as spread
from ${SAMPLE}.lineitem a join ${SAMPLE}.lineitem b on a.l_suppkey = b.l_suppkey and a.l_linenumber < b.l_linenumber
where mod(a.l_suppkey, 25) = ${number % 25} group by a.l_returnflag order by a.l_returnflag`;
}
