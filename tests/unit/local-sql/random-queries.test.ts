import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbScope } from './duckdb-scope.js';

let db: DuckDbScope;
beforeAll(async () => {
  db = await DuckDbScope.open();
  await db.table('R', 'a number, b number(10, 2), s varchar, d date');
  const rows = Array.from({ length: 60 }, (_, i) => {
    const day = String((i % 28) + 1).padStart(2, '0');
    const nullable = (value: string, every: number): string => (i % every === 0 ? 'null' : value);
    return `(${nullable(String((i * 7) % 13), 9)}, ${nullable(`${(i * 31) % 50}.${i % 10}5`, 7)}, ${nullable(`'${'xyz'.charAt(i % 3)}${i % 5}'`, 11)}, '2024-0${(i % 9) + 1}-${day}')`;
  });
  await db.run(`insert into r values ${rows.join(', ')}`);
});
afterAll(() => db.close());

/** One expression in both dialects: Snowflake's text in any case, DuckDB's with the names that the table has there. */
interface Both {
  readonly snow: string;
  readonly duck: string;
}

const both = (snow: string, duck: string = snow): Both => ({ snow, duck });
const COLUMNS = { a: both('a', '"A"'), b: both('R.b', '"B"'), s: both('s', '"S"'), d: both('d', '"D"') };

/** DuckDB alone would drop decimals beside a number of 38 digits. */
const decimals = (sql: string): string => `CAST(${sql} AS DECIMAL(36, 6))`;

const leaf: fc.Arbitrary<Both> = fc.oneof(
  fc.constantFrom(COLUMNS.a, COLUMNS.b),
  fc.integer({ min: -20, max: 20 }).map((n) => both(String(n), `CAST(${n} AS DECIMAL(2, 0))`)),
);
const { number } = fc.letrec<{ number: Both }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('number'), fc.constantFrom('+', '-'), tie('number'))
      .map(([l, op, r]) => both(`(${l.snow} ${op} ${r.snow})`, `(${l.duck} ${op} ${r.duck})`)),
    fc
      .tuple(tie('number'), tie('number'))
      .map(([x, y]) => both(`nvl(${x.snow}, ${y.snow})`, `coalesce(${decimals(x.duck)}, ${decimals(y.duck)})`)),
    tie('number').map((x) => both(`zeroifnull(abs(${x.snow}))`, `coalesce(abs(${x.duck}), 0)`)),
  ),
}));
const condition: fc.Arbitrary<Both> = fc.oneof(
  fc
    .tuple(number, fc.constantFrom('<', '<=', '=', '<>', '>'), number)
    .map(([l, op, r]) => both(`${l.snow} ${op} ${r.snow}`, `${l.duck} ${op} ${r.duck}`)),
  fc.constantFrom('x', 'y', 'z').map((c) => both(`startswith(s, '${c}')`, `starts_with("S", '${c}')`)),
  fc.integer({ min: 1, max: 9 }).map((m) => both(`month(d) = ${m}`, `month("D") = ${m}`)),
  fc.constantFrom(both('a is null', '"A" IS NULL'), both("s not ilike 'X%'", `"S" NOT ILIKE 'X%'`)),
);
const key = fc.constantFrom(
  COLUMNS.a,
  COLUMNS.s,
  both("date_trunc('quarter', d)", `CAST(date_trunc('quarter', "D") AS DATE)`),
  both("iff(a > 5, 'high', 'low')", `CASE WHEN "A" > 5 THEN 'high' ELSE 'low' END`),
);

const plain = (rows: unknown[][]): unknown[][] =>
  rows.map((row) =>
    row.map((value) => (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value)),
  );

describe('random queries', () => {
  it('filter, order and compute as the same query in plain DuckDB', async () => {
    await fc.assert(
      fc.asyncProperty(number, condition, fc.boolean(), async (value, where, descending) => {
        const snow = `select ${value.snow} as v, s, d from r where ${where.snow} order by v ${descending ? 'desc' : 'asc'}, s, d limit 20`;
        const nulls = descending ? 'DESC NULLS FIRST' : 'ASC NULLS LAST';
        const duck = `SELECT ${value.duck} AS v, "S", "D" FROM main.t1 WHERE ${where.duck} ORDER BY v ${nulls}, "S" NULLS LAST, "D" NULLS LAST LIMIT 20`;
        expect(plain(await db.values(snow))).toEqual(plain(await db.duck(duck)));
      }),
      { numRuns: 80 },
    );
  });

  it('group and aggregate as the same query in plain DuckDB', async () => {
    await fc.assert(
      fc.asyncProperty(key, number, condition, async (group, value, where) => {
        const snow = `select ${group.snow} as k, count(*) n, sum(${value.snow}) total, max(s) m, count_if(${where.snow}) c from r group by k having n > 1 order by k nulls first`;
        const duck = `SELECT ${group.duck} AS k, count(*) AS n, sum(${value.duck}), max("S"), count(*) FILTER (WHERE ${where.duck}) FROM main.t1 GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 NULLS FIRST`;
        expect(plain(await db.values(snow))).toEqual(plain(await db.duck(duck)));
      }),
      { numRuns: 80 },
    );
  });
});
