import { ARRAY_MACROS } from './arrays.js';
import { MacroShapes } from './bind-once.js';
import { DATE_MACROS } from './dates.js';
import { ENTRIES, FLATTEN_MACROS, JSON_MACROS } from './json.js';
import { MACRO_SCHEMA } from './macro-schema.js';
import { NUMBER_MACROS } from './numbers.js';
import { TEXT_MACROS } from './texts.js';

const MACROS = [
  ...NUMBER_MACROS,
  ...TEXT_MACROS,
  ...ENTRIES,
  ...JSON_MACROS,
  ...FLATTEN_MACROS,
  ...ARRAY_MACROS,
  ...DATE_MACROS,
];

const shapes = new MacroShapes();
const created = MACROS.flatMap(([signature, body]) => shapes.define(signature, body));

/** DuckDB SQL with calls of the macros, so written that none of it is planned more often than needed. */
export function bindOnce(sql: string): string {
  return shapes.bindOnce(sql);
}

/**
 * Creates the macros, in the order in which they use each other. Safe to run on a database that has them from before: they
 * are replaced, so that a newer program brings its own.
 */
export async function installMacros(run: (sql: string) => Promise<unknown>): Promise<void> {
  await run('BEGIN TRANSACTION');
  await run(`CREATE SCHEMA IF NOT EXISTS ${MACRO_SCHEMA}`);
  for (const [signature, body] of created) {
    await run(`CREATE OR REPLACE MACRO ${MACRO_SCHEMA}.${signature} AS ${body}`);
  }
  await run('COMMIT');
}
