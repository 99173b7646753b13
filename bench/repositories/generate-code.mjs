// A folder of code as a data team has it: dbt models with their schema files, DDL, Python pipelines, notes. The same every time.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const WORDS =
  'order customer revenue amount cents price discount region nation supplier part ship date status priority line item total daily monthly active churn cohort session event user account invoice payment refund currency rate tax margin stock level warehouse carrier route delay segment score model feature label'.split(
    ' ',
  );

/** Small linear congruential generator: the figures of two runs are of the same files. */
function randomOf(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function name(random, parts = 2) {
  return Array.from({ length: parts }, () => WORDS[random(WORDS.length)]).join('_');
}

function column(random) {
  return `    ${name(random)}_${random(90)} as ${name(random)}`;
}

function model(random) {
  const columns = Array.from({ length: 6 + random(30) }, () => column(random)).join(',\n');
  return `{{ config(materialized='table') }}\n\n-- ${name(random, 6).replaceAll('_', ' ')}\nwith base as (\n  select\n${columns}\n  from {{ ref('stg_${name(random)}_${random(200)}') }}\n),\n\nfinal as (\n  select base.*, sum(${name(random)}) over (partition by ${name(random)}) as ${name(random, 3)}\n  from base\n  left join {{ source('raw', '${name(random)}') }} as other using (${name(random)})\n  where ${name(random)} > ${random(1_000)}\n)\n\nselect * from final\n`;
}

function ddl(random) {
  const columns = Array.from({ length: 8 + random(20) }, () => `  ${name(random)}_${random(50)} number(38,0) not null`);
  return `create or replace table raw.${name(random)}_${random(500)} (\n${columns.join(',\n')}\n);\n\ngrant select on table raw.${name(random)} to role analyst;\n`;
}

function python(random) {
  const functions = Array.from(
    { length: 2 + random(5) },
    () =>
      `def load_${name(random)}(session, ${name(random)}):\n    """${name(random, 8).replaceAll('_', ' ')}."""\n    rows = session.sql("select * from raw.${name(random)}").collect()\n    for row in rows:\n        if row.${name(random)} > ${random(100)}:\n            yield row\n`,
  );
  return `import logging\nfrom pipeline import session\n\n\n${functions.join('\n\n')}`;
}

function schema(random) {
  const models = Array.from(
    { length: 1 + random(4) },
    () =>
      `  - name: ${name(random)}_${random(300)}\n    description: ${name(random, 10).replaceAll('_', ' ')}\n    columns:\n${Array.from({ length: 4 + random(8) }, () => `      - name: ${name(random)}\n        description: in ${name(random)}`).join('\n')}`,
  );
  return `version: 2\n\nmodels:\n${models.join('\n')}\n`;
}

function notes(random) {
  return Array.from(
    { length: 3 + random(5) },
    () => `## ${name(random, 3).replaceAll('_', ' ')}\n\n${name(random, 60).replaceAll('_', ' ')}.\n`,
  ).join('\n');
}

const KINDS = [
  { folder: 'models', extension: 'sql', text: model, share: 50 },
  { folder: 'ddl', extension: 'sql', text: ddl, share: 15 },
  { folder: 'pipelines', extension: 'py', text: python, share: 15 },
  { folder: 'models', extension: 'yml', text: schema, share: 15 },
  { folder: 'docs', extension: 'md', text: notes, share: 5 },
];

/** Writes `count` files under `root`; answers their bytes. */
export function generateCode(root, count) {
  const random = randomOf(7);
  const then = new Date('2020-01-01');
  const made = new Set();
  let bytes = 0;
  for (let n = 0; n < count; n += 1) {
    let at = random(100);
    const kind = KINDS.find(({ share }) => (at -= share) < 0) ?? KINDS[0];
    const path = join(root, kind.folder, `area_${n % 97}`, `${name(random)}_${n}.${kind.extension}`);
    const folder = dirname(path);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    const text = kind.text(random);
    bytes += text.length;
    writeFileSync(path, text);
    utimesSync(path, then, then);
  }
  return bytes;
}

/** What somebody may look for in such code. */
export function searches(count) {
  const random = randomOf(11);
  return Array.from({ length: count }, (_, n) => {
    if (n % 5 === 0) return { symbol: `stg_${name(random)}_${random(200)}` };
    if (n % 5 === 1) return { text: `"${name(random, 2).replaceAll('_', ' ')}"`, language: 'sql' };
    if (n % 5 === 2) return { text: name(random, 1), path: 'models/**/*.yml' };
    return { text: name(random, 2 + (n % 2)).replaceAll('_', ' ') };
  });
}
