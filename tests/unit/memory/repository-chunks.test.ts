import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, MOST_CHARS, MOST_LINES } from '../../../src/memory/repositories/chunks/chunk.js';
import { cut } from '../../../src/memory/repositories/chunks/cut.js';
import { LANGUAGES, languageOf } from '../../../src/memory/repositories/languages.js';

const cutFile = (path: string, text: string) => cut(text, path, languageOf(path));
const told = (chunks: readonly Chunk[]) =>
  chunks.map(({ kind, name }) => (name === undefined ? kind : `${kind} ${name}`));
const symbols = (chunks: readonly Chunk[], role: string) =>
  chunks.flatMap((chunk) => chunk.symbols.filter((symbol) => symbol.role === role).map(({ name }) => name));

describe('SQL', () => {
  it('is cut by statements, with what each defines and uses', () => {
    const chunks = cutFile(
      'ddl/orders.sql',
      `-- what is sold
create or replace transient table if not exists SALES."core".orders (id int, note varchar(3));
create secure view v_orders as select 'a''; from b' as x from sales.core.orders o, region r join nation n using (id);
merge into targets t using staged s on t.id = s.id when matched then update set a = 1;
create function twice(a int) returns int as $$ select a * 2 from inner_table $$;
create masking policy pii as (v string) returns string -> '***';
`,
    );
    expect(told(chunks)).toEqual([
      'table SALES.core.orders',
      'view v_orders',
      'merge',
      'function twice',
      'masking policy pii',
    ]);
    expect(chunks[0]?.firstLine).toBe(1);
    expect(symbols(chunks, 'defines')).toEqual(['SALES.core.orders', 'orders', 'v_orders', 'twice', 'pii']);
    expect(symbols(chunks, 'uses')).toEqual([
      'sales.core.orders',
      'orders',
      'region',
      'nation',
      'targets',
      'staged',
      'inner_table',
    ]);
  });

  it('of dbt names the model after its file and knows ref and source', () => {
    const chunks = cutFile(
      'models/staging/stg_orders.sql',
      `{{ config(materialized='view') }}
{# don't trip over this #}
with base as (select * from {{ source('raw', 'orders') }})
select id from base join {{ ref("customers") }} c using (id) {% if is_incremental() %} where x > 1 {% endif %}
`,
    );
    expect(told(chunks)).toEqual(['model stg_orders']);
    expect(symbols(chunks, 'defines')).toEqual(['stg_orders']);
    expect(symbols(chunks, 'uses')).toEqual(['base', 'orders', 'raw.orders', 'customers']);
  });

  it('of macros is cut by macro', () => {
    const chunks = cutFile(
      'macros/money.sql',
      '{% macro cents(column) %}\n  {{ column }} / 100\n{% endmacro %}\n\n{% macro euros() -%}\n {{ ref("rates") }}\n{%- endmacro %}\n',
    );
    expect(told(chunks)).toEqual(['macro cents', 'macro euros']);
    expect(symbols(chunks, 'uses')).toEqual(['rates']);
  });

  it('of a long query is taken apart by its common table expressions', () => {
    const cte = (name: string) =>
      `${name} as (\n${'  select a_column, b_column from somewhere union all\n'.repeat(90)} select 1, 2)`;
    const chunks = cutFile('models/wide.sql', `with ${cte('first')},\n${cte('second')}\nselect * from second\n`);
    expect(told(chunks)).toEqual(['cte first', 'cte second', 'query']);
    expect(symbols(chunks, 'defines')).toEqual(['wide']);
  });
});

describe('other languages', () => {
  it('Python: functions and classes, a decorator with what it decorates', () => {
    const chunks = cutFile(
      'etl.py',
      'import os\nimport re\n\n@task\ndef load(x):\n    return 1\n\nclass Job(Base):\n    def run(self): ...\n',
    );
    expect(told(chunks)).toEqual(['code', 'function load', 'class Job']);
    expect(chunks[1]?.firstLine).toBe(3);
  });

  it('Python: a long class by its methods', () => {
    const method = (name: string) => `    def ${name}(self):\n${'        self.x += 1\n'.repeat(100)}`;
    const chunks = cutFile('job.py', `class Job:\n    """About it."""\n${method('start')}${method('stop')}`);
    expect(told(chunks)).toEqual(['class Job', 'method Job.start', 'method Job.stop']);
    expect(symbols(chunks, 'defines')).toEqual(
      expect.arrayContaining(['Job', 'start', 'Job.start', 'stop', 'Job.stop']),
    );
  });

  it('TypeScript: declarations, exported or not', () => {
    const chunks = cutFile(
      'a.ts',
      'import x from "y";\nexport interface Shape { a: number }\nexport const f = () => 1;\nabstract class G { go() {} }\nexport default function q() {}\n',
    );
    expect(told(chunks)).toEqual(['code', 'interface Shape', 'code', 'class G', 'function q']);
    expect(symbols(chunks, 'defines')).toContain('f');
  });

  it('Markdown: sections, with # in code being none', () => {
    const chunks = cutFile('README.md', 'intro\n\n# One\ntext\n\n```sh\n# not\n```\nTwo\n---\nmore\n');
    expect(told(chunks)).toEqual(['section', 'section One', 'section Two']);
  });

  it('YAML: what dbt describes, with columns', () => {
    const chunks = cutFile(
      'models/schema.yml',
      'version: 2\nmodels:\n  - name: orders\n    columns:\n      - name: id\n        tests: [unique]\n      - name: "amount"\nsources:\n  - name: raw\n    tables:\n      - name: events\n',
    );
    expect(told(chunks)).toEqual(['key', 'model orders', 'source raw']);
    expect(symbols(chunks, 'describes')).toEqual([
      'orders',
      'id',
      'orders.id',
      'amount',
      'orders.amount',
      'raw',
      'events',
      'raw.events',
    ]);
  });

  it('what is not known is cut into windows of lines', () => {
    const chunks = cutFile('notes.txt', 'a line of text\n'.repeat(500));
    expect(chunks.length).toBeGreaterThan(5);
    expect(new Set(chunks.map(({ kind }) => kind))).toEqual(new Set(['lines']));
  });
});

/** Every character is in exactly one chunk, and no chunk is larger than allowed. */
function expectPartition(text: string, chunks: readonly Chunk[]): void {
  expect(chunks.map(({ from, to }) => text.slice(from, to)).join('')).toBe(text);
  for (const chunk of chunks) {
    expect(chunk.to).toBeGreaterThan(chunk.from);
    expect(chunk.to - chunk.from).toBeLessThanOrEqual(MOST_CHARS);
    expect(chunk.lastLine - chunk.firstLine).toBeLessThan(MOST_LINES);
    expect(chunk.firstLine).toBe(text.slice(0, chunk.from).split('\n').length);
  }
}

describe('whatever a file holds', () => {
  const pieces = fc.constantFrom(
    'select 1;\n',
    'create table a.b (c int);\n',
    '{{ ref("x") }}',
    '{% macro m() %}',
    '{% endmacro %}\n',
    'with a as (\n',
    ')\n',
    "'",
    '$$',
    '/*',
    '*/',
    'def f(x):\n  pass\n',
    'class A:\n',
    'models:\n - name: x\n',
    '# heading\n',
    '```\n',
    'export function f() {}\n',
    '\u{1f600}',
    '\n\n\n',
    'x'.repeat(7_000),
    '\t',
    'line\n'.repeat(130),
  );
  it('its chunks are the whole text, within bounds, in any language', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.constantFrom(...LANGUAGES), (parts, language) => {
        const text = parts.join('');
        expectPartition(text, cut(text, 'models/some.sql', language));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['nested parentheses', '('.repeat(30_000), 'sql'],
    ['closing parentheses', ')'.repeat(5_000), 'sql'],
    ['open template marks', '{{{%{#'.repeat(5_000), 'sql'],
    ['unclosed links', '[a]('.repeat(10_000), 'markdown'],
    ['nested quotes', '> '.repeat(10_000), 'markdown'],
    ['nested lists', '['.repeat(10_000), 'yaml'],
    ['broken JSX', '<a><b { class ( => `${ '.repeat(800), 'typescript'],
    ['broken Python', 'def ( class ) : : = [ { \n'.repeat(800), 'python'],
    ['one long line', 'x'.repeat(900_000), 'text'],
  ] as const)('hostile: %s', (_what, text, language) => {
    const chunks = cut(text, 'x', language);
    expect(chunks.map(({ from, to }) => to - from).reduce((sum, each) => sum + each, 0)).toBe(text.length);
    expect(Math.max(...chunks.map(({ from, to }) => to - from))).toBeLessThanOrEqual(MOST_CHARS);
  });
});
