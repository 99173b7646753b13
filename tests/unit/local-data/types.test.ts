import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SnowflakeType } from '../../../src/local/engine/snowflake-type.js';
import { columnTypeOf, duckdbTypeOf } from '../../../src/local/engine/types/duckdb-type.js';
import { showType, showTypeAsJson } from '../../../src/local/engine/types/show-type.js';
import { encoded, inDuckdb } from './in-duckdb.js';

const TYPES: readonly (readonly [SnowflakeType, string])[] = [
  [{ name: 'FIXED', precision: 38, scale: 0 }, 'NUMBER(38,0)'],
  [{ name: 'FIXED', precision: 12, scale: 2 }, 'NUMBER(12,2)'],
  [{ name: 'REAL' }, 'FLOAT'],
  [{ name: 'TEXT', length: 16_777_216 }, 'VARCHAR(16777216)'],
  [{ name: 'BINARY', length: 8_388_608 }, 'BINARY(8388608)'],
  [{ name: 'BOOLEAN' }, 'BOOLEAN'],
  [{ name: 'DATE' }, 'DATE'],
  [{ name: 'TIME', scale: 9 }, 'TIME(9)'],
  [{ name: 'TIMESTAMP_NTZ', scale: 9 }, 'TIMESTAMP_NTZ(9)'],
  [{ name: 'TIMESTAMP_LTZ', scale: 9 }, 'TIMESTAMP_LTZ(9)'],
  [{ name: 'TIMESTAMP_TZ', scale: 9 }, 'TIMESTAMP_TZ(9)'],
  [{ name: 'VARIANT' }, 'VARIANT'],
];

describe('types', () => {
  const duckdb = inDuckdb();

  it('come back from the DuckDB type that holds them', async () => {
    const columns = TYPES.map(([type], i) => `NULL::${duckdbTypeOf(type)} AS c${i}`);
    const { columns: got } = await encoded(duckdb(), `SELECT ${columns.join(', ')}`);
    expect(got.map(({ type }) => type)).toEqual(TYPES.map(([type]) => type));
  });

  it('come back as OBJECT and ARRAY where that is known', async () => {
    const types: SnowflakeType[] = [{ name: 'OBJECT' }, { name: 'ARRAY' }];
    const columns = types.map((type) => `NULL::${duckdbTypeOf(type)}`);
    const { columns: got } = await encoded(duckdb(), `SELECT ${columns.join(', ')}`, [], { types });
    expect(got.map(({ type }) => type)).toEqual(types);
  });

  it('keep wide numbers unpacked, which are slow to unpack', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wide-'));
    await duckdb().run(`ATTACH '${join(folder, 'wide.duckdb')}' AS wide`);
    const [wide, narrow] = [38, 18].map((precision) => columnTypeOf({ name: 'FIXED', precision, scale: 0 }));
    await duckdb().run(`CREATE TABLE wide.n (w ${wide}, n ${narrow})`);
    await duckdb().run('INSERT INTO wide.n SELECT i, i FROM range(200000) AS r(i)');
    await duckdb().run('CHECKPOINT wide');
    const { rows } = await encoded(
      duckdb(),
      `SELECT DISTINCT column_name, compression FROM pragma_storage_info('wide.n')
      WHERE segment_type NOT IN ('VALIDITY') ORDER BY 1 DESC, 2`,
    );
    await duckdb().run('DETACH wide');
    rmSync(folder, { recursive: true });
    expect(rows).toEqual([
      ['w', 'Uncompressed'],
      ['n', 'BitPacking'],
    ]);
    expect(wide).toMatch(/^DECIMAL\(38, 0\) /);
    expect(narrow).toBe('DECIMAL(18, 0)');
  });

  it('are shown as DESCRIBE shows them', () => {
    for (const [type, shown] of TYPES) expect(showType(type)).toBe(shown);
  });

  it('are shown as SHOW COLUMNS shows them', () => {
    expect(showTypeAsJson({ name: 'FIXED', precision: 12, scale: 2 }, false)).toBe(
      '{"type":"FIXED","precision":12,"scale":2,"nullable":false}',
    );
    expect(showTypeAsJson({ name: 'TEXT', length: 10 }, true)).toBe(
      '{"type":"TEXT","length":10,"byteLength":40,"nullable":true,"fixed":false}',
    );
    expect(showTypeAsJson({ name: 'BOOLEAN' }, true)).toBe('{"type":"BOOLEAN","nullable":true}');
  });
});
