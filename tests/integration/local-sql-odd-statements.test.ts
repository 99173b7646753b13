import { afterAll, beforeAll, expect, it } from 'vitest';
import { AGGREGATES } from '../../src/local/sql/functions/aggregates.js';
import { ARRAYS } from '../../src/local/sql/functions/arrays.js';
import type { FunctionTable } from '../../src/local/sql/functions/call.js';
import { CONDITIONALS } from '../../src/local/sql/functions/conditional.js';
import { CONVERSIONS } from '../../src/local/sql/functions/conversions.js';
import { DATES } from '../../src/local/sql/functions/dates.js';
import { NUMERIC } from '../../src/local/sql/functions/numeric.js';
import { OBJECTS } from '../../src/local/sql/functions/objects.js';
import { SEMI_STRUCTURED } from '../../src/local/sql/functions/semi-structured.js';
import { STRINGS } from '../../src/local/sql/functions/strings.js';
import { VARIANT_TYPES } from '../../src/local/sql/functions/variant-types.js';
import { WINDOW_FUNCTIONS } from '../../src/local/sql/functions/window.js';
import { type Client, EngineFixture } from '../unit/local-engine/engine-fixture.js';

let fixture: EngineFixture;
let client: Client;
beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace();
  await client.run(
    `CREATE TABLE v (n NUMBER(10,2), i INT, f FLOAT, t VARCHAR, b BOOLEAN, d DATE, tm TIME, ntz TIMESTAMP_NTZ,
     ltz TIMESTAMP_LTZ, tz TIMESTAMP_TZ, va VARIANT, o OBJECT, a ARRAY, bi BINARY)`,
  );
  await client.run(
    `INSERT INTO v SELECT 1.5, 2, 2.5, 'abc', true, '2024-01-01', '10:00:00', '2024-01-01 10:00:00', '2024-01-01 10:00:00',
     '2024-01-01 10:00:00', PARSE_JSON('{"a": 1}'), OBJECT_CONSTRUCT('a', 1), ARRAY_CONSTRUCT(1, 2), TO_BINARY('AB')`,
  );
});
afterAll(() => fixture.stop());

const VALUES = ['n', 'i', 'f', 't', 'b', 'd', 'tm', 'ntz', 'ltz', 'tz', 'va', 'o', 'a', 'bi', 'null', "'x'", '1'];
const TYPES =
  'number,number(5,2),float,varchar(3),boolean,date,time,timestamp_ntz,timestamp_tz,variant,object,array,binary';

/** The same numbers on every run, from 0 to below `limit`. */
function draws(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}

/** `x`, `y` and `T` stand for a value, another one, and a type. */
const SHAPES = [
  ...['+', '-', '*', '/', '%', '||', '=', '<', 'AND', 'IS DISTINCT FROM', 'LIKE'].map(
    (op) => `SELECT x ${op} y FROM v`,
  ),
  'SELECT IFF(TRUE, x, y), COALESCE(x, y), NULLIF(x, y) FROM v',
  'SELECT x FROM v UNION ALL SELECT y FROM v',
  'SELECT CASE x WHEN y THEN 1 END FROM v',
  'SELECT COUNT(*) FROM v p JOIN v q ON p.x = q.y',
  'SELECT * FROM v WHERE x IN (SELECT y FROM v)',
  'SELECT x:k, x[y] FROM v',
  'SELECT SUM(x) OVER (PARTITION BY y ORDER BY x) FROM v',
  'SELECT x, MAX(y) FROM v GROUP BY 1 ORDER BY 2',
  'SELECT SUM(n) OVER (ORDER BY x RANGE BETWEEN y PRECEDING AND CURRENT ROW) FROM v',
  'SELECT CAST(x AS T), TRY_CAST(y AS T) FROM v',
  'SELECT - x, NOT y FROM v',
  "SELECT x + INTERVAL '1 hour' FROM v",
  'SELECT * FROM v QUALIFY x',
  'SELECT COUNT(*) FROM v HAVING x',
  'SELECT p.value FROM v, LATERAL FLATTEN(INPUT => x, OUTER => TRUE) p',
  'SELECT * FROM v PIVOT (SUM(n) FOR t IN (x, y))',
  'SELECT * FROM TABLE(GENERATOR(ROWCOUNT => x))',
  "SELECT LISTAGG(x, ',') WITHIN GROUP (ORDER BY y), MEDIAN(x), MODE(y) FROM v",
  'SELECT LAG(x, 1, y) OVER (ORDER BY i) FROM v',
  'WITH RECURSIVE r (k) AS (SELECT x FROM v UNION ALL SELECT y FROM v, r WHERE FALSE) SELECT * FROM r',
];

/** What says that DuckDB refused a statement and not the translator, so that nobody learns what was wrong with it. */
const TELLS_NOTHING =
  /could not be compiled|could not run|in the local Snowflake\.|Failed to convert a value|duckdb|Binder|Catalog Error|Candidate functions/i;

async function oddAnswers(statements: readonly string[]): Promise<string[]> {
  const odd: string[] = [];
  for (const statement of statements) {
    try {
      await client.run(statement);
    } catch (error) {
      const { number, message } = error as { number?: string; message: string };
      if (number === undefined || TELLS_NOTHING.test(message)) odd.push(`${statement}: ${number} ${message}`);
    }
  }
  return odd;
}

it('each function with arguments of any type works or says in words of Snowflake why not', async () => {
  const draw = draws(20);
  const any = (): string => VALUES[draw(VALUES.length)] as string;
  const tables: FunctionTable[] = [
    AGGREGATES,
    CONDITIONALS,
    CONVERSIONS,
    DATES,
    NUMERIC,
    SEMI_STRUCTURED,
    ARRAYS,
    OBJECTS,
    VARIANT_TYPES,
    STRINGS,
    WINDOW_FUNCTIONS,
  ];
  const statements = tables.flatMap((table) =>
    Object.entries(table).flatMap(([name, { min, max }]) => {
      const over = table === WINDOW_FUNCTIONS ? ' OVER (ORDER BY i)' : '';
      return [min, Math.min(max, min + 1), Math.min(max, 4)].map(
        (count) => `SELECT ${name}(${Array.from({ length: count }, any).join(', ')})${over} FROM v`,
      );
    }),
  );
  expect(statements.length).toBeGreaterThan(1000);
  expect(await oddAnswers(statements)).toEqual([]);
});

it('each piece of syntax over values of any type works or says in words of Snowflake why not', async () => {
  const draw = draws(4);
  const types = TYPES.split(/,(?!\d)/);
  const statements = SHAPES.flatMap((shape) =>
    Array.from({ length: 30 }, () => {
      const [x, y] = [VALUES[draw(VALUES.length)], VALUES[draw(VALUES.length)]] as [string, string];
      return shape
        .replaceAll(/\bx\b/g, x)
        .replaceAll(/\by\b/g, y)
        .replaceAll(/\bT\b/g, types[draw(types.length)] as string);
    }),
  );
  expect(await oddAnswers(statements)).toEqual([]);
});
