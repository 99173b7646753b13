import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

/** What a step does; those of the second session can go on beside the first one's open transaction. */
type Step =
  | { readonly by: 'first'; readonly sql: (table: string) => string }
  | { readonly by: 'second'; readonly sql: (table: string) => string };

const id = fc.integer({ min: 1, max: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    by: fc.constantFrom('first' as const, 'second' as const),
    sql: fc
      .array(id, { minLength: 1, maxLength: 3 })
      .map((ids) => (t: string) => `insert into ${t} (id, v) values ${ids.map((i) => `(${i}, 'i${i}')`).join(', ')}`),
  }),
  fc.record({
    by: fc.constant('first' as const),
    sql: fc.oneof(
      id.map((i) => (t: string) => `update ${t} set v = v || '+' where mod(id, ${i}) = 0`),
      id.map(
        (i) => (t: string) => `update ${t} set v = s.v from (select ${i} as id, 'from' as v) s where ${t}.id = s.id`,
      ),
      id.map((i) => (t: string) => `delete from ${t} where id >= ${i}`),
      id.map(
        (i) => (t: string) =>
          `merge into ${t} using (select ${i} as id) s on ${t}.id = s.id when matched and ${t}.v = 'from' then delete when matched then update set v = 'm' when not matched then insert (id, v) values (s.id, 'new')`,
      ),
      id.map((i) => (t: string) => `insert overwrite into ${t} (id, v) select id + ${i}, v from ${t} where id < 5`),
      fc.constantFrom(
        () => 'begin',
        () => 'commit',
        () => 'rollback',
        (t: string) => `truncate table ${t}`,
        (t: string) => `alter table ${t} add column if not exists extra varchar(5) default 'x'`,
        (t: string) => `select * from ${t} where v = 1 / 0`,
      ),
    ),
  }),
);

let fixture: EngineFixture;
let first: Client;
let second: Client;
let reader: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  first = await fixture.workspace('PAST');
  second = await fixture.workspace('PAST');
  reader = await fixture.workspace('PAST');
});
afterAll(() => fixture.stop());

let tables = 0;

test('what was read is what AT and BEFORE give later, whatever two sessions did in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      tables += 1;
      const table = `t${tables}`;
      await first.run(`create table ${table} (id int, v varchar)`);
      const rowsOf = async (at = '') => await reader.rows(`select id, v from ${table} ${at} order by 1, 2`);
      const remembered: { readonly at: string; readonly rows: unknown }[] = [];
      let before = await rowsOf();
      let inTransaction = false;
      for (const { by, sql } of steps) {
        const text = sql(table);
        const queryId = randomUUID();
        const failed = await (by === 'first' ? first : second).run(text, { queryId }).then(
          () => false,
          () => true,
        );
        if (text === 'begin') inTransaction = true;
        else if (by === 'first' && /^(commit|rollback|truncate|alter)/.test(text)) inTransaction = false;
        const rows = await rowsOf();
        const moment = await reader.cell(`select to_char(current_timestamp(), 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM')`);
        remembered.push({ at: `at (timestamp => '${moment}'::timestamp_ltz)`, rows });
        if (!failed && (by === 'second' || !inTransaction) && /^(insert|update|delete|merge|truncate)/.test(text)) {
          remembered.push({ at: `at (statement => '${queryId}')`, rows });
          if (text.startsWith('truncate') === false)
            remembered.push({ at: `before (statement => '${queryId}')`, rows: before });
        }
        before = rows;
      }
      await first.run('rollback');
      for (const { at, rows } of remembered) expect(await rowsOf(at), at).toEqual(rows);
    }),
    { numRuns: 8 },
  );
});
