import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LocalServer } from '../../src/local/serve-engine.js';
import { startLocalServer } from '../../src/local/server.js';
import { connect, failure, run } from './local-wire/driver.js';

let root: string;
let server: LocalServer;
let connection: Connection;
let umask: number;

beforeAll(async () => {
  umask = process.umask();
  root = mkdtempSync(join(tmpdir(), 'local-stages-'));
  server = await startLocalServer({ host: '127.0.0.1', port: 0, dataDir: join(root, 'data'), sampleScale: 0 });
  connection = await connect(server.url);
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
  // The driver clears it before it copies files.
  process.umask(umask);
});
beforeEach(async () => {
  await sql('create or replace database D');
  await sql('create table T (A int, B varchar)');
  await sql('create stage S');
});

const sql = async (text: string) => (await run(connection, text)).rows;
const refused = async (text: string) => await failure(run(connection, text));

function file(name: string, content: string | Buffer): string {
  mkdirSync(join(root, 'files'), { recursive: true });
  const path = join(root, 'files', name);
  writeFileSync(path, content);
  return path;
}

async function put(
  name: string,
  content: string | Buffer,
  options = 'AUTO_COMPRESS=FALSE',
  stage = '@S',
): Promise<void> {
  await sql(`put 'file://${file(name, content)}' ${stage} ${options}`);
}

const rows = async () => await sql('select A, B from T order by A');

describe('a file in a stage', () => {
  test('is put, listed, got back and removed', async () => {
    await put('a.csv', '1,x\n', '');
    expect(await sql('list @S')).toMatchObject([
      {
        name: 's/a.csv.gz',
        md5: expect.stringMatching(/^[0-9a-f]{32}$/),
        last_modified: expect.stringMatching(/GMT$/),
      },
    ]);
    await put('b.csv', '2,y\n', 'AUTO_COMPRESS=FALSE', '@S/deep/er');
    expect((await sql('ls @S/deep')).map((row) => row.name)).toEqual(['s/deep/er/b.csv']);
    expect((await sql("list @S pattern='.*[.]gz'")).map((row) => row.name)).toEqual(['s/a.csv.gz']);
    const target = join(root, 'got');
    mkdirSync(target, { recursive: true });
    await sql(`get @S/deep 'file://${target}/'`);
    expect(readdirSync(target)).toEqual(['b.csv']);
    expect(readFileSync(join(target, 'b.csv'), 'utf8')).toBe('2,y\n');
    expect(await sql('rm @S/deep')).toEqual([{ name: 's/deep/er/b.csv', result: 'removed' }]);
    expect(await sql('list @S')).toHaveLength(1);
  });

  test('may belong to a table or a user too', async () => {
    await put('t.csv', '1,x\n', 'AUTO_COMPRESS=FALSE', '@%T');
    await put('u.csv', '2,y\n', 'AUTO_COMPRESS=FALSE', '@~/mine');
    await sql('copy into T from @%T');
    await sql('copy into T from @~/mine/u.csv');
    expect(await rows()).toEqual([
      { A: 1, B: 'x' },
      { A: 2, B: 'y' },
    ]);
    await sql('rm @~');
  });

  test('goes with its stage', async () => {
    await put('a.csv', '1,x\n');
    await sql('drop stage S');
    expect((await refused('list @S')).code).toBe('002003');
    await sql('create stage S');
    expect(await sql('list @S')).toEqual([]);
  });
});

describe('COPY INTO', () => {
  test('loads a file once, unless it is forced, or the table was emptied', async () => {
    await put('a.csv', '1,x\n2,y\n');
    expect(await sql('copy into T from @S')).toMatchObject([
      { file: 's/a.csv', status: 'LOADED', rows_parsed: 2, rows_loaded: 2, errors_seen: 0 },
    ]);
    expect(await sql('copy into T from @S')).toEqual([{ status: 'Copy executed with 0 files processed.' }]);
    await sql('copy into T from @S force = true');
    expect(await rows()).toHaveLength(4);
    await sql('truncate table T');
    await sql('copy into T from @S purge = true');
    expect(await rows()).toHaveLength(2);
    expect(await sql('list @S')).toEqual([]);
    const history = 'select SCHEMA_NAME, TABLE_NAME, STATUS, ROW_COUNT from information_schema.load_history';
    expect(await sql(history)).toEqual([{ SCHEMA_NAME: 'PUBLIC', TABLE_NAME: 'T', STATUS: 'LOADED', ROW_COUNT: 2 }]);
  });

  test('reads CSV as its format says', async () => {
    const format = `file_format = (type = csv skip_header = 1 field_delimiter = '|' field_optionally_enclosed_by = '"' null_if = ('-') trim_space = true)`;
    await put('a.csv.gz', gzipSync('A|B\n1| x \n2|"y|""z"""\n3|-\n4|\n5|""\n'));
    await sql(`copy into T from @S ${format}`);
    expect(await rows()).toEqual([
      { A: 1, B: 'x' },
      { A: 2, B: 'y|"z"' },
      { A: 3, B: null },
      { A: 4, B: null },
      { A: 5, B: '' },
    ]);
  });

  test('picks and changes columns', async () => {
    await put('a.csv', '1,x,9\n2,y,8\n');
    await sql("copy into T (B, A) from (select upper(s.$2), s.$3::int + 1 from @S s) files = ('a.csv')");
    expect(await rows()).toEqual([
      { A: 9, B: 'Y' },
      { A: 10, B: 'X' },
    ]);
  });

  test('reads JSON as documents or by the names of columns', async () => {
    await put('a.json', '{"a":1,"B":"x"}\n{"a":2,\n "B":null}');
    await sql('create table V (DOC variant)');
    await sql('copy into V from @S file_format = (type = json)');
    expect(await sql('select DOC:a::int as A from V order by 1')).toEqual([{ A: 1 }, { A: 2 }]);
    await sql('copy into T from @S file_format = (type = json) match_by_column_name = case_insensitive');
    expect(await rows()).toEqual([
      { A: 1, B: 'x' },
      { A: 2, B: null },
    ]);
    expect((await refused('copy into T from @S file_format = (type = json) force = true')).code).toBe('002105');
    await put('b.json', '[{"a":3},{"a":4}]');
    await sql("copy into V from @S files = ('b.json') file_format = (type = json strip_outer_array = true)");
    expect(await sql('select count(*) as N from V')).toEqual([{ N: 4 }]);
  });

  test('reads Parquet as documents, by paths or by the names of columns', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const duck = await instance.connect();
    const path = file('a.parquet', '');
    await duck.run(`copy (select 7 as a, 'x' as "B", date '2026-01-31' as d) to '${path}' (format parquet)`);
    duck.closeSync();
    instance.closeSync();
    await sql(`put 'file://${path}' @S auto_compress = false`);
    const parquet = 'file_format = (type = parquet)';
    await sql(`copy into T from (select $1:a::int, $1:B::varchar from @S) ${parquet}`);
    await sql('create table P (D date, A number(10, 2), MISSING int)');
    await sql(`copy into P from @S ${parquet} match_by_column_name = case_insensitive`);
    expect(await rows()).toEqual([{ A: 7, B: 'x' }]);
    expect(await sql('select D::varchar as D, A, MISSING from P')).toEqual([{ D: '2026-01-31', A: 7, MISSING: null }]);
  });

  test('loads all files or none, and is part of a transaction', async () => {
    await put('a.csv', '1,x\n');
    await put('b.csv', 'two,y\n');
    expect(await refused('copy into T from @S')).toMatchObject({
      code: '100038',
      message: expect.stringContaining("'two'"),
    });
    expect(await rows()).toEqual([]);
    await sql('begin');
    await sql("copy into T from @S files = ('a.csv')");
    expect(await rows()).toHaveLength(1);
    await sql('rollback');
    expect(await rows()).toEqual([]);
    await sql("copy into T from @S files = ('a.csv')");
    expect(await rows()).toHaveLength(1);
  });

  test.each([
    ['copy into T from @NOWHERE', '002003'],
    ['copy into NOWHERE from @S', '002003'],
    ["copy into T from 'somewhere'", '001011'],
    ["copy into T from 's3://bucket/a.csv'", '000002'],
    ["copy into T from @S files = ('nowhere.csv')", '100016'],
    ["copy into T from @S file_format = (type = csv escape = '#')", '000002'],
    ['copy into T from @S file_format = (type = xml)', '000002'],
    ['copy into T from @S file_format = (type = csv skip_header = many)', '001420'],
    ['copy into T from @S on_error = continue', '000002'],
    ["copy into T from @S pattern = '('", '100048'],
    ['copy into @S from T', '000002'],
    ['copy into T (NOPE) from @S', '000904'],
    ['list @S/../s1', '001011'],
  ])('%s is refused with %s', async (text, code) => {
    await put('three.csv', '1,x\n');
    expect((await refused(text)).code).toBe(code);
  });

  test('says when a file has other fields than the table, and what to do about a backslash', async () => {
    await put('three.csv', '1,x,y\n');
    expect(await refused('copy into T from @S')).toMatchObject({
      code: '100080',
      message: expect.stringContaining('Number of columns in file (3)'),
    });
    await sql('copy into T from @S file_format = (type = csv error_on_column_count_mismatch = false)');
    await put('uneven.csv', '1,x\n2,y,z\n');
    expect((await refused("copy into T from @S files = ('uneven.csv')")).code).toBe('100080');
    await put('back.csv', '5,a\\b\n');
    const back = "copy into T from @S files = ('back.csv')";
    expect((await refused(back)).message).toContain('ESCAPE_UNENCLOSED_FIELD');
    await sql(`${back} file_format = (type = csv escape_unenclosed_field = none)`);
    expect(await rows()).toEqual([
      { A: 1, B: 'x' },
      { A: 5, B: 'a\\b' },
    ]);
  });
});

test('SHOW STAGES tells those inside from those outside', async () => {
  await sql("create temporary stage OUT url = 's3://bucket/path/'");
  expect(await sql('show stages')).toMatchObject([
    { name: 'OUT', type: 'EXTERNAL TEMPORARY', cloud: 'AWS', url: 's3://bucket/path/' },
    { name: 'S', type: 'INTERNAL', cloud: null },
  ]);
  expect((await refused('list @OUT')).code).toBe('000002');
  expect((await refused('create stage S')).code).toBe('002002');
});
