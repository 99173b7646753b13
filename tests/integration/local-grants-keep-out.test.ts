import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from '../unit/local-engine/engine-fixture.js';
import { readAreas } from './local-sql-support/read-cases.js';

/** The areas whose statements make, change and list objects; the others only compute. */
const AREAS = readAreas(join(import.meta.dirname, 'local-sql-support')).filter(({ title }) =>
  /changing|listing|streams/i.test(title),
);

let fixture: EngineFixture;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(async () => await fixture.stop());

describe.each(AREAS.map((area, i) => ({ ...area, database: `AREA${i}` })))('$title', ({ setup, cases, database }) => {
  test('nobody without privileges on objects changes or reads one, whatever the statement', async () => {
    const admin = await session('ADMIN', 'ACCOUNTADMIN');
    await admin.run(`create database ${database}`);
    for (const statement of setup) await admin.run(statement);
    await admin.run('create or replace role low');
    await admin.run(`grant usage on database ${database} to role low`);
    await admin.run(`grant usage on all schemas in database ${database} to role low`);
    await admin.run(`grant usage on future schemas in database ${database} to role low`);
    const low = await session('LOWLY', 'LOW', database);
    for (const { sql, expected } of cases) {
      const before = await catalogOf(admin, database);
      await low.run(`use schema ${database}.public`);
      await low.run(sql).catch((error: { number: string }) => expect(error.number, sql).toMatch(/^\d{6}$/));
      await low.run('rollback');
      expect(await catalogOf(admin, database), sql).toEqual(before);
      await admin.run(sql).catch(() => expect(expected, sql).toMatch(/^! /));
    }
  });
});

async function session(user: string, role: string, database?: string): Promise<Client> {
  const context = database === undefined ? {} : { database, schema: 'PUBLIC' };
  return await fixture.session({ user, context, access: { roles: [role] } });
}

/** What there is, and how many rows are in it. */
async function catalogOf(admin: Client, database: string): Promise<unknown> {
  const rows = await admin.rows(
    `select table_schema, table_name, row_count, table_owner, comment from ${database}.information_schema.tables where table_schema <> 'INFORMATION_SCHEMA' order by 1, 2`,
  );
  return [rows, await admin.rows('show databases'), await admin.rows('show roles')];
}
