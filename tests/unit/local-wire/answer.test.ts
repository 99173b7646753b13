import { expect, test } from 'vitest';
import type { SnowflakeType } from '../../../src/local/engine/snowflake-type.js';
import { answerOf } from '../../../src/local/wire/answer.js';
import { resultParameters } from '../../../src/local/wire/result-parameters.js';
import { rowTypeItem } from '../../../src/local/wire/row-type.js';

const item = (type: SnowflakeType) => rowTypeItem({ name: 'C', type, nullable: false });

test('describes every type as Snowflake does', () => {
  expect(item({ name: 'FIXED', precision: 12, scale: 2 })).toMatchObject({ type: 'fixed', precision: 12, scale: 2 });
  expect(item({ name: 'TEXT', length: 10 })).toMatchObject({ type: 'text', length: 10, byteLength: 40 });
  expect(item({ name: 'TEXT', length: 16_777_216 })).toMatchObject({ length: 16_777_216, byteLength: 16_777_216 });
  expect(item({ name: 'BINARY', length: 8 })).toMatchObject({ type: 'binary', length: 8, byteLength: 8 });
  expect(item({ name: 'TIMESTAMP_TZ', scale: 9 })).toMatchObject({ type: 'timestamp_tz', scale: 9, precision: 0 });
  for (const name of ['REAL', 'BOOLEAN', 'DATE', 'VARIANT', 'OBJECT', 'ARRAY'] as const)
    expect(item({ name })).toMatchObject({ type: name.toLowerCase(), nullable: false, scale: null, length: null });
});

test('parameters are the session’s, then the login’s, then Snowflake’s; rows are always JSON', () => {
  const named = Object.fromEntries(
    resultParameters(
      { TIMEZONE: 'UTC', JS_TREAT_INTEGER_AS_BIGINT: true, PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'ARROW' },
      { TIMEZONE: 'Europe/Berlin', MULTI_STATEMENT_COUNT: 0, QUERY_TAG: 'x' },
    ).map(({ name, value }) => [name, value]),
  );
  expect(named).toMatchObject({
    TIMEZONE: 'Europe/Berlin',
    JS_TREAT_INTEGER_AS_BIGINT: true,
    BINARY_OUTPUT_FORMAT: 'HEX',
    PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'JSON',
    CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 1_000_000_000,
  });
  expect(named).not.toHaveProperty('MULTI_STATEMENT_COUNT');
  expect(named).not.toHaveProperty('QUERY_TAG');
});

test('an answer is JSON with the rows spliced in and the addresses of the others', () => {
  const chunk = { rows: 3, bytes: 30, at: { memory: [] } };
  const rows = {
    secret: 'S',
    inline: [Buffer.from('["ä"]'), Buffer.from(','), Buffer.from('[null]')],
    totalRows: 5,
    chunks: [chunk],
    size: { inlineBytes: 0, memoryBytes: 0, diskBytes: 0 },
  };
  const pieces = answerOf(
    {
      queryId: 'Q',
      statementTypeId: 0x3100,
      columns: [],
      rows,
      context: { database: 'D' },
      numberOfBinds: 2,
      children: [],
    },
    { atLogin: {}, engine: { parameters: { TIMEZONE: 'Asia/Tokyo' } } },
    'http://here',
  );
  const { success, data } = JSON.parse(Buffer.concat(pieces).toString());
  expect(success).toBe(true);
  expect(data).toMatchObject({
    queryId: 'Q',
    rowset: [['ä'], [null]],
    total: 5,
    returned: 5,
    chunks: [{ url: 'http://here/chunks/S/0', rowCount: 3 }],
    finalDatabaseName: 'D',
    finalSchemaName: null,
    arrayBindSupported: true,
    numberOfBinds: 2,
    queryResultFormat: 'json',
    parameters: expect.arrayContaining([{ name: 'TIMEZONE', value: 'Asia/Tokyo' }]),
  });
  expect(data).not.toHaveProperty('resultIds');
});
