import type { ColumnEntry, TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { isOfTheMoment } from '../../engine/context-functions.js';
import { LocalError } from '../../engine/local-error.js';
import { showType } from '../../engine/types/show-type.js';
import { AGGREGATES } from '../functions/aggregates.js';
import { parseExpressionText } from '../grammar/statements.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import type { ParsedColumn } from './column-definitions.js';
import { withFullDefaults } from './sequence-default.js';

/** Functions that give something else each time. */
const CHANGING = new Set(['RANDOM', 'RANDSTR', 'UNIFORM', 'NORMAL', 'ZIPF', 'SEQ1', 'SEQ2', 'SEQ4', 'SEQ8']);
const REFUSED_KINDS: Readonly<Record<string, string>> = {
  'scalar-query': 'a subquery',
  'in-query': 'a subquery',
  exists: 'a subquery',
  quantified: 'a subquery',
  bind: 'a bind variable',
  variable: 'a session variable',
  position: 'a column by its position',
};

/**
 * Columns as the table keeps them: sequences by their full names, virtual columns with their types: as declared, else as the expression's. Throws what is wrong in an expression, and 000002 for what
 * Snowflake allows in none ("Virtual columns", Prohibited expressions). A virtual column sees those before it.
 */
export async function settleColumns(
  written: readonly ParsedColumn[],
  context: CommandContext,
  operation: string,
): Promise<readonly ColumnEntry[]> {
  const parsed = withFullDefaults(written, context, operation);
  if (!parsed.some(({ expression }) => expression !== undefined)) return parsed;
  const stored = parsed.filter(({ expression }) => expression === undefined);
  const settled = new Map<string, ColumnEntry>(stored.map((column) => [column.name, column]));
  for (const { inferred, ...column } of parsed) {
    if (column.expression === undefined) continue;
    assertAllowed(column, parsed);
    const known = [...settled.values()].map(
      ({ name, type }) => `CAST(NULL AS ${showType(type)}) AS ${quoteName(name)}`,
    );
    const from = known.length === 0 ? '' : ` FROM (SELECT ${known.join(', ')}) AS "row"`;
    const query = `SELECT (${column.expression}) AS ${quoteName(column.name)}${from}`;
    const [found] = await context.describe(context.translateQuery(query, operation));
    settled.set(column.name, inferred === true && found !== undefined ? { ...column, type: found.type } : column);
  }
  return parsed.flatMap(({ name }) => settled.get(name) ?? []);
}

/** Throws 011208/2BP01 for a column that a virtual one is computed from. */
export function assertNotNeeded(name: string, table: TableEntry, what: 'drop' | 'rename'): void {
  const dependent = dependentsOf(name, table)[0];
  if (dependent === undefined) return;
  throw new LocalError(
    '011208',
    '2BP01',
    `SQL compilation error:\nCannot ${what} column '${name}' because virtual column '${dependent}' depends on it`,
  );
}

/** The virtual columns that are computed from a column, directly or through others. */
export function dependentsOf(name: string, table: TableEntry): string[] {
  const found: string[] = [];
  for (const { name: own, expression } of table.columns) {
    if (expression === undefined) continue;
    const needed = namesIn(expression);
    if (needed.has(name) || found.some((earlier) => needed.has(earlier))) found.push(own);
  }
  return found;
}

function namesIn(expression: string): ReadonlySet<string> {
  const names = new Set<string>();
  visit(parseExpressionText(expression), (node) => {
    if (node.kind === 'column' && Array.isArray(node.parts)) names.add(String(node.parts.at(-1)?.name));
  });
  return names;
}

function assertAllowed({ name, expression = '', nullable }: ColumnEntry, columns: readonly ColumnEntry[]): void {
  if (!nullable) throw unsupported(`NOT NULL of the virtual column '${name}'`);
  visit(parseExpressionText(expression), (node) => {
    const refused = REFUSED_KINDS[String(node.kind)] ?? refusedCall(node);
    if (refused !== undefined) throw unsupported(`${refused} in the virtual column '${name}'`);
  });
  for (const needed of namesIn(expression)) {
    const column = columns.find((item) => item.name === needed);
    if (column?.default !== undefined) throw unsupported(`a column with a DEFAULT in the virtual column '${name}'`);
  }
}

function refusedCall(node: Readonly<Record<string, unknown>>): string | undefined {
  if (node.kind !== 'call' || !Array.isArray(node.name)) return undefined;
  const called = String(node.name.at(-1));
  if (node.over !== undefined) return 'a window function';
  if (called in AGGREGATES) return `the aggregate function ${called}`;
  const args = Array.isArray(node.args) ? node.args.length : 0;
  const changing = CHANGING.has(called) || isOfTheMoment(called) || called.startsWith('CURRENT_');
  return changing || (called === 'UUID_STRING' && args === 0) ? `the function ${called}` : undefined;
}

function visit(node: unknown, see: (node: Readonly<Record<string, unknown>>) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) see(node as Readonly<Record<string, unknown>>);
  for (const child of Object.values(node)) visit(child, see);
}
