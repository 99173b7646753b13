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
  server = await startLocalServer({
    host: '127.0.0.1',
    port: 0,
    dataDir: join(root, 'data'),
    sampleScale: 0,
    stageFolders: [join(root, 'shared')],
  });
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
    ['copy into T from @S file_format = (type = csv compression = bz2)', '000002'],
    ['copy into T from @S file_format = (type = xml)', '000002'],
    ['copy into T from @S file_format = (type = csv skip_header = many)', '001420'],
    ['copy into T from @S on_error = hope', '001420'],
    ["copy into T from @S pattern = '('", '100048'],
    ['copy into @S from NOWHERE', '002003'],
    ['copy into @S from T file_format = (type = json)', '001803'],
    ["copy into T from @S file_format = (format_name = 'NOWHERE')", '002003'],
    ['copy into T (NOPE) from @S', '000904'],
    ['list @S/../s1', '001011'],
  ])('%s is refused with %s', async (text, code) => {
    await put('three.csv', '1,x\n');
    expect((await refused(text)).code).toBe(code);
  });

  test('says where a record is wrong, or leaves it out', async () => {
    await put('three.csv', '1,x,y\n');
    expect(await refused('copy into T from @S')).toMatchObject({
      code: '100080',
      message: expect.stringContaining('Number of columns in file (3)'),
    });
    await sql('copy into T from @S file_format = (type = csv error_on_column_count_mismatch = false)');
    await put('uneven.csv', '2,x\n\n3,y,z\nfour,w\n5,v\n');
    const uneven = "copy into T from @S files = ('uneven.csv')";
    expect(await refused(uneven)).toMatchObject({
      code: '100080',
      message: expect.stringContaining("File 's/uneven.csv', line 2, character 1\n  Row 2"),
    });
    expect(await sql(`${uneven} on_error = skip_file`)).toMatchObject([
      { status: 'LOAD_FAILED', rows_parsed: 5, rows_loaded: 0, errors_seen: 3, first_error_line: 2 },
    ]);
    expect(await sql(`${uneven} on_error = 'skip_file_90%'`)).toMatchObject([
      { status: 'PARTIALLY_LOADED', rows_loaded: 2, error_limit: 5, errors_seen: 3 },
    ]);
    const problems = "select CODE, LINE, COLUMN_NAME from table(validate(T, job_id => '_last')) order by LINE";
    expect(await sql(problems)).toEqual([
      { CODE: 100080, LINE: 2, COLUMN_NAME: null },
      { CODE: 100080, LINE: 3, COLUMN_NAME: null },
      { CODE: 100038, LINE: 4, COLUMN_NAME: '"T"["A":1]' },
    ]);
    expect(await rows()).toEqual([
      { A: 1, B: 'x' },
      { A: 2, B: 'x' },
      { A: 5, B: 'v' },
    ]);
    expect(await sql(`${uneven} validation_mode = return_all_errors`)).toMatchObject([
      { ROW_NUMBER: 2 },
      { REJECTED_RECORD: '3,y,z' },
      { ERROR: expect.stringContaining("'four'") },
    ]);
    expect(await sql(`${uneven} validation_mode = return_errors`)).toHaveLength(1);
    await put('good.csv', '8,x\n9,y\n');
    expect(await sql("copy into T from @S files = ('good.csv') validation_mode = return_1_rows")).toEqual([
      { A: 8, B: 'x' },
    ]);
  });

  test('undoes escapes, and reads as its format says', async () => {
    await put('a.csv', 'A;B\r\n1;a\\;b\r\n2;"say ""hi"""\r\n3;\\N\r\n');
    const format = `(type = csv field_delimiter = ';' skip_header = 1 field_optionally_enclosed_by = '"')`;
    await sql(`copy into T from @S file_format = ${format}`);
    expect(await rows()).toEqual([
      { A: 1, B: 'a;b' },
      { A: 2, B: 'say "hi"' },
      { A: 3, B: null },
    ]);
    await sql('create table D (ID int, DAY date, AT timestamp, BYTES binary, DOC variant)');
    await put('d.txt', Buffer.from('1|31.01.2026|20260131 1405|AQI=|{"k": "ä"}\n', 'latin1'));
    await sql(
      `create file format F type = csv field_delimiter = '|' date_format = 'DD.MM.YYYY' timestamp_format = 'YYYYMMDD HH24MI' binary_format = base64 encoding = 'iso-8859-1'`,
    );
    await sql("copy into D from @S files = ('d.txt') file_format = (format_name = 'F')");
    const loaded =
      'select ID, DAY::varchar as DAY, AT::varchar as AT, BYTES::varchar as BYTES, DOC:k::varchar as K from D';
    expect(await sql(loaded)).toEqual([
      { ID: 1, DAY: '2026-01-31', AT: '2026-01-31 14:05:00.000', BYTES: '0102', K: 'ä' },
    ]);
    await put('h.csv', 'b,A\nx,7\n');
    await sql('truncate table T');
    const header = 'file_format = (type = csv parse_header = true) match_by_column_name = case_insensitive';
    await sql(`copy into T from @S files = ('h.csv') ${header}`);
    expect(await rows()).toEqual([{ A: 7, B: 'x' }]);
    await put('long.csv', '1,abcdef\n');
    await sql('create table SHORT (A int, B varchar(3))');
    expect((await refused("copy into SHORT from @S files = ('long.csv')")).code).toBe('100078');
    await sql("copy into SHORT from @S files = ('long.csv') truncatecolumns = true");
    expect(await sql('select B from SHORT')).toEqual([{ B: 'abc' }]);
  });
});

describe('COPY INTO a stage', () => {
  test('writes CSV that comes back the same', async () => {
    await sql(
      "insert into T values (1, 'a,b'), (2, 'say \"hi\"'), (3, null), (4, 'two\\nlines'), (5, 'back\\\\slash')",
    );
    const before = await rows();
    expect(await sql('copy into @S/out/ from T')).toMatchObject([{ rows_unloaded: 5 }]);
    expect((await sql('list @S')).map((row) => row.name)).toEqual(['s/out/data_0_0_0.csv.gz']);
    expect((await refused('copy into @S/out/ from T')).message).toContain('overwrite');
    await sql('truncate table T');
    await sql('copy into T from @S/out/');
    expect(await rows()).toEqual(before);
    const enclosed = `type = csv field_optionally_enclosed_by = '"' compression = none null_if = ('')`;
    const query = '(select A, B from T order by A)';
    await sql(`copy into @S/q.csv from ${query} single = true header = true file_format = (${enclosed})`);
    await sql('truncate table T');
    await sql(`copy into T from @S/q.csv file_format = (${enclosed} skip_header = 1)`);
    expect(await rows()).toEqual(before);
  });

  test('writes JSON and Parquet, in parts', async () => {
    await sql("insert into T values (1, 'x'), (2, 'y'), (3, 'x')");
    await sql('copy into @S/j/ from (select object_construct(*) from T) file_format = (type = json)');
    await sql('copy into @S/p/ from T partition by (B) file_format = (type = parquet) header = true');
    const names = (await sql('list @S')).map((row) => String(row.name).replace(/_[0-9a-f-]{36}/, ''));
    expect(names).toEqual([
      's/j/data_0_0_0.json.gz',
      's/p/x/data_0_0_0.snappy.parquet',
      's/p/y/data_0_0_0.snappy.parquet',
    ]);
    expect((await refused('select $1 from @S/j/ (file_format => J)')).code).toBe('002003');
    await sql('create file format J type = json');
    await sql('create file format P type = parquet');
    expect(await sql("select $1:A::int as A from @S/j/ (file_format => 'J') order by 1")).toEqual([
      { A: 1 },
      { A: 2 },
      { A: 3 },
    ]);
    const parquet = "@S/p/ (file_format => P, pattern => '.*/x/.*')";
    expect(await sql(`select t.$1:A::int as A, metadata$filename as F from ${parquet} t order by 1`)).toMatchObject([
      { A: 1 },
      { A: 3, F: expect.stringMatching(/^p\/x\/data_/) },
    ]);
  });
});

describe('a staged file in a query', () => {
  test('gives its fields by place', async () => {
    await put('a.csv', '1,x\n2,y,9\n');
    const query =
      'select $1::int + 1 as A, t.$2 as B, $3 as C, metadata$file_row_number as N from @S/a.csv t order by N';
    expect(await sql(query)).toEqual([
      { A: 2, B: 'x', C: null, N: 1 },
      { A: 3, B: 'y', C: '9', N: 2 },
    ]);
    await sql('create table X as select $2 as B, count(*) as N from @S group by 1');
    expect(await sql('select B from X order by 1')).toEqual([{ B: 'x' }, { B: 'y' }]);
    expect((await refused('select $1 from @NOWHERE')).code).toBe('002003');
    expect(await sql('select $1 from @S/nothing')).toEqual([]);
  });

  test('that cannot be read ends it, wherever the fault lies', async () => {
    await sql('create file format J type = json');
    await put('b.json', '{"A": 1}\n{"A": 2,,}\n{"A": 3}');
    for (const query of [
      "select $1 from @S/b.json (file_format => 'J')",
      "select count(*) from @S/b.json (file_format => 'J')",
      "select * from table(infer_schema(location => '@S/b.json', file_format => 'J'))",
    ])
      expect(await refused(query)).toMatchObject({ code: '100069', message: 'Error parsing JSON: {"A": 2,,}' });
    await sql('create file format P type = parquet');
    await put('b.parquet', 'PAR1, but it goes on as something else');
    const notParquet = await refused("select $1 from @S/b.parquet (file_format => 'P')");
    expect(notParquet.message).toMatch(/^Error parsing the parquet file: .*not a parquet file\.$/);
  });

  test('tells its columns', async () => {
    await put('a.csv', 'ID,NAME,DAY\n1,x,2026-01-31\n2,y,2026-02-01\n');
    await sql('create file format F type = csv parse_header = true');
    const infer = "table(infer_schema(location => '@S/a.csv', file_format => 'F'))";
    expect(await sql(`select COLUMN_NAME, TYPE, EXPRESSION from ${infer} order by ORDER_ID`)).toEqual([
      { COLUMN_NAME: 'ID', TYPE: 'NUMBER(1, 0)', EXPRESSION: '$1::NUMBER(1, 0)' },
      { COLUMN_NAME: 'NAME', TYPE: 'TEXT', EXPRESSION: '$2::TEXT' },
      { COLUMN_NAME: 'DAY', TYPE: 'DATE', EXPRESSION: '$3::DATE' },
    ]);
    await sql(
      `create table I using template (select array_agg(object_construct(*)) within group (order by ORDER_ID) from ${infer})`,
    );
    expect((await sql('describe table I')).map((row) => `${row.name} ${row.type}`)).toEqual([
      'ID NUMBER(1,0)',
      'NAME VARCHAR(16777216)',
      'DAY DATE',
    ]);
  });
});

describe('a folder of this machine', () => {
  test('is a stage when the server may use it', async () => {
    const folder = join(root, 'shared', 'in');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.csv'), '1,x\n');
    await sql(`create stage OUTSIDE url = 'file://${join(root, 'shared')}'`);
    expect(await sql('copy into T from @OUTSIDE/in/')).toMatchObject([
      { file: `file://${folder}/a.csv`, rows_loaded: 1 },
    ]);
    await sql('copy into @OUTSIDE/out/ from T file_format = (type = csv compression = none)');
    expect(readFileSync(join(root, 'shared', 'out', 'data_0_0_0.csv'), 'utf8')).toBe('1,x\n');
    expect(await sql(`copy into T from 'file://${folder}/a.csv' force = true`)).toMatchObject([{ rows_loaded: 1 }]);
    await sql('drop stage OUTSIDE');
    expect(readdirSync(folder)).toEqual(['a.csv']);
    expect(await refused(`copy into T from 'file://${join(root, 'files')}/'`)).toMatchObject({
      code: '003001',
      message: expect.stringContaining('MCP_SNOW_LOCAL_STAGE_FOLDERS'),
    });
    expect((await refused(`copy into T from 'file://${join(root, 'shared')}/../files/'`)).code).toBe('003001');
  });
});

test('EXECUTE IMMEDIATE FROM runs a file of statements', async () => {
  await put(
    'load.sql',
    "insert into T values (1, 'a;b');\n-- and more\ninsert into T values (2, 'c');\nselect count(*) as N from T;\n",
  );
  expect(await sql('execute immediate from @S/load.sql')).toEqual([{ N: 2 }]);
  expect((await refused('execute immediate from @S/nothing.sql')).code).toBe('100016');
});

describe('a named file format', () => {
  test('is made, changed, shown and dropped', async () => {
    await sql("create file format F type = csv skip_header = 1 comment = 'mine'");
    await sql("alter file format F set field_delimiter = '|'");
    expect(await sql('show file formats')).toMatchObject([{ name: 'F', type: 'CSV', comment: 'mine' }]);
    const properties = await sql('describe file format F');
    expect(properties.find((row) => row.property === 'FIELD_DELIMITER')).toMatchObject({
      property_value: '|',
      property_default: ',',
    });
    expect((await refused('create file format F')).code).toBe('002002');
    expect((await refused('create file format G type = csv skip_header = x')).code).toBe('001420');
    await sql('drop file format F');
    expect((await refused('drop file format F')).code).toBe('002003');
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
