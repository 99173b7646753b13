// What translation costs by itself: TPC-H's queries and everyday statements, with the text seen for the first time (cold) and again
// (its tree is kept), beside what DuckDB takes to plan the translated TPC-H queries.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnTypeOf } from '../../dist/local/engine/types/duckdb-type.js';
import { sampleTables } from '../../dist/local/sample/sample-tables.js';
import { installMacros } from '../../dist/local/sql/macros/install.js';
import { parseStatements } from '../../dist/local/sql/parse-statements.js';
import { translateStatement } from '../../dist/local/sql/translate.js';

const TURNS = 60;
const EVERYDAY = [
  'select 1',
  "select l_orderkey, l_comment from lineitem where l_shipdate > '1995-01-01' limit 10",
  "select n_name, count(*) as c from nation join region on n_regionkey = r_regionkey where r_name ilike 'a%' group by 1 qualify row_number() over (order by c) < 3",
  'select parse_json(\'{"a": [1, 2]}\'):a[0]::int, f.value from lateral flatten(input => array_construct(1, 2)) f',
];

const tpch = join(import.meta.dirname, '..', '..', 'tests', 'integration', 'tpch');
const queries = readdirSync(tpch).map((file) => readFileSync(join(tpch, file), 'utf8').trim().replace(/;$/, ''));
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function scopeOfSample() {
  const tables = new Map(sampleTables().map((table, i) => [table.name.toUpperCase(), { ...table, id: i + 1 }]));
  return {
    relation(name) {
      const table = tables.get(name.at(-1));
      if (table === undefined) throw new Error(`no table ${name.at(-1)}`);
      return {
        kind: 'table',
        id: table.id,
        name: ['D', 'S', table.name.toUpperCase()],
        physical: { schema: 'main', table: table.name, temporary: false },
        columns: table.columns.map(({ name, type }) => ({ name: name.toUpperCase(), type, nullable: false })),
      };
    },
    tableFunction: () => undefined,
    contextFunction: () => undefined,
    variable: () => 'NULL',
    parameter: (name) => (name === 'TIMESTAMP_TYPE_MAPPING' ? 'TIMESTAMP_NTZ' : ''),
    sequence: () => 'NULL',
  };
}

function micros(work) {
  const began = performance.now();
  work();
  return (performance.now() - began) * 1000;
}

export async function run() {
  const scope = scopeOfSample();
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const duckdb = await DuckDBInstance.create(':memory:');
  const connection = await duckdb.connect();
  await installMacros((sql) => connection.run(sql));
  for (const { name, columns } of sampleTables()) {
    await connection.run(
      `CREATE TABLE ${name} (${columns.map((c) => `${c.name} ${columnTypeOf(c.type)}`).join(', ')})`,
    );
  }
  const translate = (text) => {
    const [statement] = parseStatements(text);
    return translateStatement(statement, scope);
  };
  const cost = (text) => {
    const cold = [];
    const again = [];
    // A blank more in each turn makes a text that was never seen.
    for (let turn = 1; turn <= TURNS; turn += 1) {
      cold.push(micros(() => translate(text.replace(/^select/i, `select${' '.repeat(turn)}`))));
      again.push(micros(() => translate(text)));
    }
    return { cold: median(cold), again: median(again) };
  };
  const of = (texts) => {
    const costs = texts.map(cost);
    return { cold: median(costs.map(({ cold }) => cold)), again: median(costs.map(({ again }) => again)) };
  };
  try {
    const rows = [];
    for (const text of EVERYDAY) {
      const { cold, again } = cost(text);
      rows.push({
        figure: text.length > 60 ? `${text.slice(0, 57)}…` : text,
        value: `${cold.toFixed(0)} cold, ${again.toFixed(0)} again`,
        unit: 'µs',
      });
    }
    const { cold, again } = of(queries);
    const planning = [];
    for (const text of queries) {
      const { sql } = translate(text);
      const times = [];
      for (let turn = 0; turn < 10; turn += 1) {
        const began = performance.now();
        (await connection.prepare(sql)).destroySync();
        times.push((performance.now() - began) * 1000);
      }
      planning.push(median(times));
    }
    rows.push({
      figure: 'TPC-H, median of 22',
      value: `${cold.toFixed(0)} cold, ${again.toFixed(0)} again`,
      unit: 'µs',
    });
    rows.push({ figure: "DuckDB's planning of those", value: median(planning), unit: 'µs', note: 'median of 22' });
    return { name: 'local Snowflake: translation', rows };
  } finally {
    connection.closeSync();
    duckdb.closeSync();
  }
}
