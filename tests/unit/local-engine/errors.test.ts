import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromDuckDb } from '../../../src/local/engine/duckdb-errors.js';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace();
  await client.run('CREATE TABLE t (a INT, b VARCHAR, d DATE)');
});
afterAll(async () => await fixture.stop());

describe("errors are Snowflake's", () => {
  test.each([
    ['SELEC 1', '001003', '42000'],
    ['SELECT 1 FROM', '001003', '42000'],
    ['CREATE TABLE', '001003', '42000'],
    ['SELECT * FROM nowhere', '002003', '42S02'],
    ['SELECT * FROM nowhere.public.t', '002003', '02000'],
    ['SELECT nowhere FROM t', '000904', '42000'],
    ['SELECT nofunction(1)', '002140', '42601'],
    ["SELECT 'x'::INT", '100038', '22018'],
    ["SELECT '2024-99-01'::DATE", '100040', '22007'],
    ["SELECT 'maybe'::BOOLEAN", '100037', '22018'],
    ['SELECT 1 / 0', '100051', '22012'],
    ['CREATE TABLE t (a INT)', '002002', '42710'],
    ['DROP TABLE nowhere', '002003', '42S02'],
    ['CREATE TABLE twice (a INT, A INT)', '002025', '42S21'],
  ])('%s', async (text, number, sqlState) => {
    expect(await client.fails(text)).toMatchObject({ name: 'LocalError', number, sqlState });
  });

  test('point into the text', async () => {
    expect(await client.fails('SELECT a,\n  b b b FROM t')).toMatchObject({
      number: '001003',
      message: expect.stringMatching(/^SQL compilation error:\nsyntax error line 2 at position \d+ unexpected 'b'\.$/),
      line: 2,
    });
  });

  test('never carry a message of DuckDB', () => {
    for (const message of [
      'Binder Error: something new',
      'IO Error: Cannot open file "/home/someone/secret"',
      'Internal Error: attempted to access index 3',
      'Catalog Error: Table with name t7 does not exist!',
      'Conversion Error: Unimplemented type for cast (DATE -> INTEGER)',
    ]) {
      const error = fromDuckDb(new Error(message));
      expect(error.number).toMatch(/^\d{6}$/);
      expect(error.message).not.toContain(message.slice(message.indexOf(':') + 2));
    }
  });
});
