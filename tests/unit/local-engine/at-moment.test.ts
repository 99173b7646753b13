import { afterAll, beforeAll, expect, it } from 'vitest';
import { atMoment } from '../../../src/local/engine/at-moment.js';
import { EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});

afterAll(async () => await fixture.stop());

it('CURRENT_TIMESTAMP moves on from statement to statement of a transaction', async () => {
  const client = await fixture.workspace();
  await client.run('create table MOMENTS (N int, T timestamp_ltz)');
  await client.run('begin');
  await client.run('insert into MOMENTS select 1, current_timestamp()');
  const from = Date.now();
  while (Date.now() <= from + 1) await client.run('select random()');
  await client.run('insert into MOMENTS select 2, current_timestamp()');
  const [[inserted, read] = []] = await client.rows(
    'select max(T) > min(T), current_timestamp() >= max(T) and current_date() is not null from MOMENTS',
  );
  await client.run('commit');
  expect([inserted, read]).toEqual(['1', '1']);
});

it('leaves texts and names as they are', () => {
  const translation = {
    verb: 'select',
    sql: `SELECT now(), 'now()' AS "now()"`,
    binds: [],
    reads: [],
    writes: [],
  } as const;
  expect(atMoment(translation, 0).sql).toBe(`SELECT TIMESTAMPTZ '1970-01-01T00:00:00.000Z', 'now()' AS "now()"`);
});
