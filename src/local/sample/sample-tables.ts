import type { SnowflakeType } from '../engine/snowflake-type.js';
import type { ColumnInfo } from '../sql/scope.js';

export interface SampleTable {
  readonly name: string;
  readonly columns: readonly ColumnInfo[];
}

const NUMBER: SnowflakeType = { name: 'FIXED', precision: 38, scale: 0 };
const MONEY: SnowflakeType = { name: 'FIXED', precision: 12, scale: 2 };
const DATE: SnowflakeType = { name: 'DATE' };

function text(length: number): SnowflakeType {
  return { name: 'TEXT', length };
}

function column(name: string, type: SnowflakeType, nullable = false): ColumnInfo {
  return { name, type, nullable };
}

/** The tables of SNOWFLAKE_SAMPLE_DATA.TPCH_SF1 with the types that Snowflake declares for them. */
export function sampleTables(): readonly SampleTable[] {
  return TABLES;
}

const TABLES: readonly SampleTable[] = [
  {
    name: 'REGION',
    columns: [column('R_REGIONKEY', NUMBER), column('R_NAME', text(25)), column('R_COMMENT', text(152), true)],
  },
  {
    name: 'NATION',
    columns: [
      column('N_NATIONKEY', NUMBER),
      column('N_NAME', text(25)),
      column('N_REGIONKEY', NUMBER),
      column('N_COMMENT', text(152), true),
    ],
  },
  {
    name: 'SUPPLIER',
    columns: [
      column('S_SUPPKEY', NUMBER),
      column('S_NAME', text(25)),
      column('S_ADDRESS', text(40)),
      column('S_NATIONKEY', NUMBER),
      column('S_PHONE', text(15)),
      column('S_ACCTBAL', MONEY),
      column('S_COMMENT', text(101), true),
    ],
  },
  {
    name: 'CUSTOMER',
    columns: [
      column('C_CUSTKEY', NUMBER),
      column('C_NAME', text(25)),
      column('C_ADDRESS', text(40)),
      column('C_NATIONKEY', NUMBER),
      column('C_PHONE', text(15)),
      column('C_ACCTBAL', MONEY),
      column('C_MKTSEGMENT', text(10), true),
      column('C_COMMENT', text(117), true),
    ],
  },
  {
    name: 'PART',
    columns: [
      column('P_PARTKEY', NUMBER),
      column('P_NAME', text(55)),
      column('P_MFGR', text(25)),
      column('P_BRAND', text(10)),
      column('P_TYPE', text(25)),
      column('P_SIZE', NUMBER),
      column('P_CONTAINER', text(10)),
      column('P_RETAILPRICE', MONEY),
      column('P_COMMENT', text(23), true),
    ],
  },
  {
    name: 'PARTSUPP',
    columns: [
      column('PS_PARTKEY', NUMBER),
      column('PS_SUPPKEY', NUMBER),
      column('PS_AVAILQTY', NUMBER),
      column('PS_SUPPLYCOST', MONEY),
      column('PS_COMMENT', text(199), true),
    ],
  },
  {
    name: 'ORDERS',
    columns: [
      column('O_ORDERKEY', NUMBER),
      column('O_CUSTKEY', NUMBER),
      column('O_ORDERSTATUS', text(1)),
      column('O_TOTALPRICE', MONEY),
      column('O_ORDERDATE', DATE),
      column('O_ORDERPRIORITY', text(15)),
      column('O_CLERK', text(15)),
      column('O_SHIPPRIORITY', NUMBER),
      column('O_COMMENT', text(79)),
    ],
  },
  {
    name: 'LINEITEM',
    columns: [
      column('L_ORDERKEY', NUMBER),
      column('L_PARTKEY', NUMBER),
      column('L_SUPPKEY', NUMBER),
      column('L_LINENUMBER', NUMBER),
      column('L_QUANTITY', MONEY),
      column('L_EXTENDEDPRICE', MONEY),
      column('L_DISCOUNT', MONEY),
      column('L_TAX', MONEY),
      column('L_RETURNFLAG', text(1)),
      column('L_LINESTATUS', text(1)),
      column('L_SHIPDATE', DATE),
      column('L_COMMITDATE', DATE),
      column('L_RECEIPTDATE', DATE),
      column('L_SHIPINSTRUCT', text(25)),
      column('L_SHIPMODE', text(10)),
      column('L_COMMENT', text(44)),
    ],
  },
];
