import { describe, expect, it } from 'vitest';
import { localSnowflake } from './local-engine-process.js';
import { connect, destroy, failure, run } from './local-wire/driver.js';

describe('the past through the official driver', () => {
  const local = localSnowflake('time-travel');
  const rows = async (sqlText: string, binds: string[] = []) => (await run(local.connection, { sqlText, binds })).rows;
  const queryId = async (sqlText: string) => (await run(local.connection, sqlText)).statement.getQueryId();

  it('is there for both sessions, by the ids of statements and by binds, and after a kill', async () => {
    await rows('create or replace database past');
    await rows('create table past.public.t (id int, v varchar)');
    await rows("insert into past.public.t values (1, 'one'), (2, 'two')");
    const other = await connect(local.host.url, { username: 'mcp_snow', password: local.host.token });
    const updated = await queryId("update past.public.t set v = 'ONE' where id = 1");
    const { statement } = await run(other, 'delete from past.public.t where id = 2');
    const deleted = statement.getQueryId();
    await destroy(other);
    const moments = async () => ({
      start: await rows('select * from past.public.t before (statement => ?) order by id', [updated]),
      between: await rows('select * from past.public.t at (statement => ?) order by id', [updated]),
      same: await rows(`select * from past.public.t before (statement => '${deleted}') order by id`),
      end: await rows('select * from past.public.t at (statement => ?) order by id', [deleted]),
    });
    const between = [
      { ID: 1, V: 'ONE' },
      { ID: 2, V: 'two' },
    ];
    const expected = {
      start: [
        { ID: 1, V: 'one' },
        { ID: 2, V: 'two' },
      ],
      between,
      same: between,
      end: [{ ID: 1, V: 'ONE' }],
    };
    expect(await moments()).toEqual(expected);
    await local.replace();
    expect(await moments()).toEqual(expected);
    await rows('create table past.public.restored clone past.public.t before (statement => ?)', [updated]);
    expect(await rows('select * from past.public.restored order by id')).toEqual(expected.start);
  });

  it('tells what is not there as Snowflake does', async () => {
    await rows('create or replace table past.public.young (id int)');
    expect(await failure(rows('select * from past.public.young at (offset => -60*60)'))).toMatchObject({
      code: '000707',
      sqlState: '02000',
      message: expect.stringContaining('Time travel data is not available for table YOUNG.'),
    });
  });
});
