import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await EngineFixture.start();
});
afterEach(() => fixture.stop());

it('opens data of a version that kept no images of rows', async () => {
  const client = await fixture.workspace();
  await client.run('CREATE TABLE filled (id INT AUTOINCREMENT, what VARCHAR(5))');
  await client.run("INSERT INTO filled (what) VALUES ('a'), ('b')");
  await client.run('CREATE TABLE empty (v VARIANT)');
  await fixture.engine.close();
  await forgetVersions(fixture.dir);
  await fixture.restart();
  const again = await fixture.workspace();
  await again.run("UPDATE filled SET what = 'c' WHERE id = 1");
  await again.run('INSERT INTO empty SELECT 1');
  expect(await again.rows('SELECT * FROM filled ORDER BY id')).toEqual([
    ['1', 'c'],
    ['2', 'b'],
  ]);
  expect(await again.cell('SELECT count(*) FROM empty')).toBe('1');
});

/** Takes from the tables and their entries what such a version did not make. */
async function forgetVersions(dir: string): Promise<void> {
  const instance = await DuckDBInstance.create(join(dir, 'snowflake.duckdb'));
  const connection = await instance.connect();
  const read = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRows();
  for (const [schema, table] of await read(
    "SELECT schema_name, table_name FROM duckdb_columns() WHERE column_name = '$row' AND table_name LIKE 't%'",
  )) {
    const images = String(table).replace(/^t/, 'h');
    await connection.run(`DROP TABLE ${schema}.${images}`);
    for (const column of ['$born', '$row'])
      await connection.run(`ALTER TABLE ${schema}.${table} DROP COLUMN "${column}"`);
  }
  for (const [id, body] of await read('SELECT id, body FROM _catalog.entries')) {
    const { imagesSince: _unknown, ...entry } = JSON.parse(String(body)) as Record<string, unknown>;
    await connection.run(`UPDATE _catalog.entries SET body = $body WHERE id = ${id}`, { body: JSON.stringify(entry) });
  }
  connection.closeSync();
  instance.closeSync();
}
