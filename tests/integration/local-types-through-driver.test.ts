import type { Column, RowStatement } from 'snowflake-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { localSnowflake } from './local-engine-process.js';
import { run } from './local-wire/driver.js';

/** A column of each type, and a value as the driver hands it over. */
const COLUMNS: readonly {
  readonly declared: string;
  readonly literal: string;
  readonly type: string;
  readonly value: unknown;
  readonly precision?: number;
  readonly scale?: number;
}[] = [
  { declared: 'NUMBER', literal: '42', type: 'fixed', value: 42, precision: 38, scale: 0 },
  { declared: 'NUMBER(12, 2)', literal: '-1234.50', type: 'fixed', value: -1234.5, precision: 12, scale: 2 },
  { declared: 'NUMBER(5, 5)', literal: '0.00012', type: 'fixed', value: 0.00012, precision: 5, scale: 5 },
  { declared: 'BIGINT', literal: '-7', type: 'fixed', value: -7, precision: 38, scale: 0 },
  { declared: 'FLOAT', literal: '1.5e300', type: 'real', value: 1.5e300 },
  { declared: 'DOUBLE', literal: '0.1', type: 'real', value: 0.1 },
  { declared: 'VARCHAR', literal: `'it''s "so"\\n é 😀'`, type: 'text', value: 'it\'s "so"\n é 😀' },
  { declared: 'VARCHAR(20)', literal: `''`, type: 'text', value: '' },
  { declared: 'BOOLEAN', literal: 'true', type: 'boolean', value: true },
  { declared: 'BINARY', literal: `to_binary('00AbFF', 'HEX')`, type: 'binary', value: '00ABFF' },
  { declared: 'DATE', literal: `'1969-07-20'::date`, type: 'date', value: '1969-07-20T00:00:00.000Z' },
  { declared: 'TIME', literal: `'23:59:58.123456'::time`, type: 'time', value: '23:59:58' },
  {
    declared: 'TIMESTAMP_NTZ',
    literal: `'1969-12-31 23:59:58.5'::timestamp_ntz`,
    type: 'timestamp_ntz',
    value: '1969-12-31T23:59:58.500Z',
  },
  {
    declared: 'TIMESTAMP_LTZ',
    literal: `'2024-02-29 12:00:00 +02:00'::timestamp_ltz`,
    type: 'timestamp_ltz',
    value: '2024-02-29T10:00:00.000Z',
  },
  {
    declared: 'TIMESTAMP_TZ',
    literal: `'2024-02-29 12:00:00 -05:30'::timestamp_tz`,
    type: 'timestamp_tz',
    value: '2024-02-29T17:30:00.000Z',
  },
  { declared: 'VARIANT', literal: `parse_json('{"a":[1,null,"x"]}')`, type: 'variant', value: { a: [1, null, 'x'] } },
  { declared: 'OBJECT', literal: `object_construct('k', 1)`, type: 'object', value: { k: 1 } },
  { declared: 'ARRAY', literal: `array_construct(1, 'two')`, type: 'array', value: [1, 'two'] },
];

function shown(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex').toUpperCase();
  if (value instanceof Date) return value.toISOString();
  return value;
}

describe('every Snowflake data type through the official driver', () => {
  const local = localSnowflake('types');
  const names = COLUMNS.map((_, i) => `C${i}`);

  beforeAll(async () => {
    await run(local.connection, 'create database T');
    await run(
      local.connection,
      `create table KINDS (${COLUMNS.map(({ declared }, i) => `C${i} ${declared}`).join(', ')})`,
    );
    await run(local.connection, `insert into KINDS select ${COLUMNS.map(({ literal }) => literal).join(', ')}`);
    await run(local.connection, `insert into KINDS select ${COLUMNS.map(() => 'null').join(', ')}`);
  });

  async function read(): Promise<{ statement: RowStatement; rows: Record<string, unknown>[] }> {
    return await run(local.connection, 'select * from T.PUBLIC.KINDS order by C0 nulls last');
  }

  it('has its type, precision and scale', async () => {
    const { statement } = await read();
    const columns = statement.getColumns() as Column[];
    expect(columns.map((column) => column.getName())).toEqual(names);
    expect(columns.map((column) => column.getType())).toEqual(COLUMNS.map(({ type }) => type));
    for (const [i, { precision, scale, declared }] of COLUMNS.entries()) {
      if (precision === undefined) continue;
      expect([columns[i]?.getPrecision(), columns[i]?.getScale()], declared).toEqual([precision, scale]);
    }
    expect(columns.every((column) => column.isNullable())).toBe(true);
  });

  it('has its value, and NULL', async () => {
    const { rows } = await read();
    expect(rows.length).toBe(2);
    expect(names.map((name) => shown(rows[0]?.[name]))).toEqual(COLUMNS.map(({ value }) => value));
    // The driver hands a TIME over as its text, and NULL as the text NULL.
    expect(names.map((name) => rows[1]?.[name])).toEqual(COLUMNS.map(({ type }) => (type === 'time' ? 'NULL' : null)));
  });

  it('keeps its value when the engine is killed', async () => {
    const before = (await read()).rows;
    await local.replace();
    const after = (await read()).rows;
    expect(after.map((row) => names.map((name) => shown(row[name])))).toEqual(
      before.map((row) => names.map((name) => shown(row[name]))),
    );
  });

  it('is bound as the driver binds it', async () => {
    const binds = [7, 1.25, 'text', true, null, new Date('2024-02-29T12:00:00Z')];
    const { rows } = await run(local.connection, {
      sqlText:
        'select ?::number as N, ?::float as F, ?::varchar as S, ?::boolean as B, ?::varchar as X, ?::timestamp_ntz as D',
      binds: binds as never,
    });
    const [row = {}] = rows;
    expect(Object.values(row).map(shown)).toEqual([7, 1.25, 'text', true, null, '2024-02-29T12:00:00.000Z']);
  });

  it('is bound as columns of an array bind', async () => {
    await run(local.connection, 'create table T.PUBLIC.MANY (N number(10, 2), S varchar, B boolean, D date)');
    const rows = Array.from({ length: 500 }, (_, i) => [
      i / 4,
      `row ${i}`,
      i % 2 === 0,
      i % 7 === 0 ? null : '2024-01-31',
    ]);
    await run(local.connection, { sqlText: 'insert into T.PUBLIC.MANY values (?, ?, ?, ?)', binds: rows as never });
    const counted = await run(
      local.connection,
      'select count(*) as N, sum(N) as S, count_if(B) as B, count(D) as D, max(D) as M from T.PUBLIC.MANY',
    );
    expect(Object.values(counted.rows[0] ?? {}).map(shown)).toEqual([
      500,
      31_187.5,
      250,
      428,
      '2024-01-31T00:00:00.000Z',
    ]);
  });
});
