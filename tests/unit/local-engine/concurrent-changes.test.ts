import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalError } from '../../../src/local/engine/local-error.js';
import { EngineFixture } from './engine-fixture.js';

const SESSIONS = 4;
const STATEMENTS = 120;
const TRANSACTIONS = 15;

/** What may be told when others create, alter and drop the same tables: names that are gone or taken, never an inner error. */
const FAIR = new Set(['000625', '000904', '001430', '002002', '002003', '002020', '090236']);

let fixture: EngineFixture;
beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(async () => await fixture.stop());

/** The same sequence each time: a linear congruential generator. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const statements = (i: number): string[] => [
  `CREATE OR REPLACE TABLE t${i} AS SELECT ${i} AS a, 'x' AS b`,
  `INSERT INTO t${i} VALUES (1, 'y')`,
  `UPDATE t${i} SET a = a + 1`,
  `DELETE FROM t${i} WHERE a > 3`,
  `SELECT count(*) FROM t${i}`,
  `DROP TABLE IF EXISTS t${i}`,
  `UNDROP TABLE t${i}`,
  `ALTER TABLE t${i} ADD COLUMN c VARCHAR(5)`,
  `ALTER TABLE t${i} DROP COLUMN c`,
  `ALTER TABLE t${i} SWAP WITH t${(i + 1) % 3}`,
  `CREATE OR REPLACE VIEW v${i} AS SELECT * FROM t${i}`,
  `SELECT * FROM v${i}`,
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SHOW TABLES',
  'SELECT count(*) FROM information_schema.columns',
];

test('sessions that change the same tables at once are told only what is true', async () => {
  await fixture.workspace();
  const told = new Set<string>();
  await Promise.all(
    Array.from({ length: SESSIONS }, async (_, session) => {
      const client = await fixture.workspace();
      await client.run('ALTER SESSION SET LOCK_TIMEOUT = 5');
      const pick = sequence(session + 1);
      for (let n = 0; n < STATEMENTS; n++) {
        const choices = statements(pick(3));
        try {
          await client.run(choices[pick(choices.length)] ?? 'SELECT 1');
        } catch (error) {
          told.add(error instanceof LocalError ? error.number : String(error));
        }
      }
      await client.run('ROLLBACK');
    }),
  );
  expect([...told].filter((number) => !FAIR.has(number))).toEqual([]);
});

test('transactions with failing statements between add up exactly', async () => {
  const first = await fixture.workspace('COUNTING');
  await first.run('CREATE TABLE counter (n INT NOT NULL)');
  await first.run('INSERT INTO counter VALUES (0)');
  let committed = 0;
  await Promise.all(
    Array.from({ length: SESSIONS }, async (_, session) => {
      const client = await fixture.workspace('COUNTING');
      const pick = sequence(session + 7);
      for (let n = 0; n < TRANSACTIONS; n++) {
        await client.run('BEGIN');
        await client.run('UPDATE counter SET n = n + 1');
        if (pick(3) === 0) await client.fails('INSERT INTO counter VALUES (NULL)');
        if (pick(3) === 0) await client.fails("INSERT INTO counter VALUES ('x')");
        const keep = pick(3) > 0;
        await client.run(keep ? 'COMMIT' : 'ROLLBACK');
        if (keep) committed += 1;
      }
    }),
  );
  expect(await first.cell('SELECT n FROM counter')).toBe(String(committed));
});

test('tables are made beside one that is still being made from a query', async () => {
  const [slow, ...quick] = await Promise.all(Array.from({ length: SESSIONS }, () => fixture.workspace('MAKING')));
  const making = slow?.run(
    'CREATE OR REPLACE TABLE big AS SELECT sum(seq4()) AS s FROM table(generator(rowcount => 20000000))',
  );
  await Promise.all(quick.map((client, i) => client.run(`CREATE OR REPLACE TABLE small${i} AS SELECT ${i} AS n`)));
  await making;
  expect(await quick[0]?.rows('SELECT count(*) FROM big, small0, small1, small2')).toEqual([['1']]);
});
