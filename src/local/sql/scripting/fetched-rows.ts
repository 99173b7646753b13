import type { NestedResult } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import type { Evaluator } from './evaluator.js';
import { literalOf } from './literal.js';
import type { ScriptStatement } from './script.js';
import { nameIn } from './script-text.js';
import { withPositions } from './substitute.js';
import { NOTHING, type Variables } from './variables.js';

/** OPEN: runs the query of a cursor, or takes the rows of its result set, and stands before the first of them. */
export async function openCursor(
  statement: ScriptStatement & { kind: 'open' },
  variables: Variables,
  evaluator: Evaluator,
): Promise<void> {
  const cursor = variables.get(statement.cursor, 'cursor');
  cursor.next = 0;
  const source = variables.find(nameIn(cursor.query.text));
  if (source?.kind === 'resultset') {
    cursor.result = source.result;
    return;
  }
  const values: string[] = [];
  for (const text of statement.using) values.push(literalOf(await evaluator.evaluate(text, variables)));
  cursor.result = await evaluator.query({ ...cursor.query, text: withPositions(cursor.query.text, values) }, variables);
}

/** FETCH: the next row into variables. Throws 090228 when the cursor is not open. */
export function fetchRow(statement: ScriptStatement & { kind: 'fetch' }, variables: Variables): void {
  const cursor = variables.get(statement.cursor, 'cursor');
  if (cursor.result === undefined) {
    throw new LocalError('090228', '22000', `Cursor '${statement.cursor}' is not open.`);
  }
  const { columns, rows } = cursor.result.table;
  const row = rows[cursor.next];
  cursor.next += 1;
  for (const [i, name] of statement.into.entries()) {
    const type = columns[i]?.type;
    const target = variables.get(name, 'value');
    // Behind the last row a cursor gives NULL.
    target.value = row === undefined || type === undefined ? NOTHING : { type, cell: row[i] ?? null };
  }
}

/** INTO behind a statement: its only row into variables. Throws 090229 for more rows, 090230 for another number of columns. */
export function keepInto(names: readonly string[], ran: NestedResult, variables: Variables): void {
  if (names.length === 0) return;
  const { columns, rows } = ran.table;
  if (rows.length > 1) {
    throw new LocalError('090229', '22000', 'A SELECT INTO statement expects exactly 1 returned row, but got more.');
  }
  if (columns.length !== names.length) {
    throw new LocalError(
      '090230',
      '22000',
      `SELECT INTO names ${names.length} variables for ${columns.length} columns.`,
    );
  }
  for (const [i, name] of names.entries()) {
    const target = variables.get(name, 'value');
    const type = columns[i]?.type ?? NOTHING.type;
    target.value = { type, cell: rows[0]?.[i] ?? null };
  }
}
