import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BindValue } from '../../../src/local/engine/engine.js';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace();
  await client.run("ALTER SESSION SET TIMEZONE = 'UTC'");
});
afterAll(async () => await fixture.stop());

const NOON = '1769860800000000000';
const DAY = '1769817600000';

/** A column's type, what is bound to it, and the cell that must come back. */
const CASES: readonly (readonly [column: string, type: string, value: string, cell: string])[] = [
  ['NUMBER(10,2)', 'TEXT', '12.5', '12.50'],
  ['NUMBER(10,2)', 'FIXED', '12', '12.00'],
  ['NUMBER(10,2)', 'REAL', '12.5', '12.50'],
  ['FLOAT', 'TEXT', '1.5', '1.5'],
  ['FLOAT', 'FIXED', '3', '3'],
  ['VARCHAR', 'FIXED', '7', '7'],
  ['VARCHAR', 'REAL', '1.5', '1.5'],
  ['VARCHAR', 'BOOLEAN', 'true', 'true'],
  ['VARCHAR', 'DATE', DAY, '2026-01-31'],
  ['BOOLEAN', 'TEXT', 'yes', '1'],
  ['BOOLEAN', 'FIXED', '1', '1'],
  ['BINARY', 'TEXT', 'ff00', 'FF00'],
  ['BINARY', 'BINARY', 'ff00', 'FF00'],
  ['DATE', 'TEXT', '2026-01-31', '20484'],
  ['DATE', 'DATE', DAY, '20484'],
  ['DATE', 'TIMESTAMP_NTZ', NOON, '20484'],
  ['TIME', 'TEXT', '12:30', '45000.000000000'],
  ['TIME', 'TIME', '45000000000000', '45000.000000000'],
  ...['TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ'].flatMap((column) => {
    const cell = column === 'TIMESTAMP_TZ' ? '1769860800.000000000 1440' : '1769860800.000000000';
    return [
      [column, 'TEXT', '2026-01-31 12:00:00', cell],
      [column, 'TIMESTAMP_NTZ', NOON, cell],
      [column, 'TIMESTAMP_LTZ', NOON, cell],
      [column, 'TIMESTAMP_TZ', `${NOON} 1440`, cell],
      [column, 'DATE', DAY, cell.replace('1769860800', '1769817600')],
    ] as const;
  }),
  ['TIMESTAMP_TZ', 'TEXT', '2026-01-31 12:00:00 +02:00', '1769853600.000000000 1560'],
  ['TIMESTAMP_LTZ', 'TEXT', '2026-01-31 12:00:00 +02:00', '1769853600.000000000'],
  ['VARIANT', 'FIXED', '7', '7'],
];

const bind = (type: string, value: BindValue['value']): { binds: Record<string, BindValue> } => ({
  binds: { '1': { type, value } },
});

test.each(CASES)('%s takes %s %s', async (column, type, value, cell) => {
  await client.run(`CREATE OR REPLACE TABLE t (c ${column})`);
  await client.run('INSERT INTO t VALUES (?)', bind(type, value));
  await client.run('INSERT INTO t VALUES (?)', bind(type, [value, null]));
  await client.run('INSERT INTO t SELECT ?', bind(type, value));
  await client.run('UPDATE t SET c = ? WHERE c IS NULL', bind(type, value));
  expect(await client.rows('SELECT c FROM t')).toEqual([[cell], [cell], [cell], [cell]]);
});

test('a text bound beside a date is a date, and beside a number a number', async () => {
  await client.run("CREATE OR REPLACE TABLE t AS SELECT DATE '2026-01-31' AS d, 5 AS n");
  expect(await client.rows('SELECT n FROM t WHERE d = ?', bind('TEXT', '31-Jan-2026'))).toEqual([['5']]);
  expect(await client.rows('SELECT n + ? FROM t', bind('FIXED', '1'))).toEqual([['6']]);
  expect(await client.rows('SELECT n FROM t WHERE n = ?', bind('TEXT', '5'))).toEqual([['5']]);
  expect(await client.rows('SELECT n FROM t LIMIT ?', bind('FIXED', '1'))).toEqual([['5']]);
  expect(await client.rows('SELECT coalesce(?, n) FROM t', bind('TEXT', null))).toEqual([['5']]);
  expect(await client.rows('SELECT ? IS NULL', bind('TEXT', null))).toEqual([['1']]);
});

test('a text that does not fit the column says so with the value', async () => {
  await client.run('CREATE OR REPLACE TABLE t (c TIMESTAMP_TZ)');
  expect(await client.fails('INSERT INTO t VALUES (?)', bind('TEXT', 'soon'))).toMatchObject({
    number: '100035',
    message: "Timestamp 'soon' is not recognized",
  });
});

test('binds in the query of CREATE TABLE and in SET are values there', async () => {
  const binds = {
    '1': { type: 'FIXED', value: '7' },
    '2': { type: 'TEXT', value: "it's ?" },
    '3': { type: 'VARIANT', value: '{"a": [1]}' },
    '4': { type: 'TEXT', value: null },
    '5': { type: 'BOOLEAN', value: 'true' },
    '6': { type: 'REAL', value: '1e3' },
  };
  await client.run("CREATE TABLE made AS SELECT ? AS n, ? AS t, ? AS v, ? AS nothing, ? AS b, ? AS r, '?' AS mark", {
    binds,
  });
  expect(await client.rows('SELECT n + 1, t, v:a[0], nothing, b, r, mark FROM made')).toEqual([
    ['8', "it's ?", '1', null, '1', '1000', '?'],
  ]);
  await client.run("INSERT INTO made (t) VALUES ('a longer text than the one that was bound')");
  await client.run('CREATE TABLE numbered AS SELECT v:a AS a FROM made WHERE n = :1 AND t = :2', { binds });
  expect(await client.rows('SELECT a FROM numbered')).toEqual([['[1]']]);
  await client.run('SET (one, two) = (?, ?)', { binds });
  expect(await client.rows('SELECT $one, $two')).toEqual([['7', "it's ?"]]);
  expect(await client.fails('SET three = ?', { binds: {} })).toMatchObject({ number: '002049' });
});
