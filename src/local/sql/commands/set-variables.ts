import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { EXECUTED } from '../../engine/result-table.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { duckString } from '../lexer.js';
import { parseNames } from './column-definitions.js';

const MAX_LENGTH = 256;
const DONE = { statementTypeId: STATEMENT_TYPE.set, table: EXECUTED };

/** SET a = expression; SET (a, b) = (expression, expression) or a query of one row. */
export const setVariables: Command = async (cursor, context) => {
  cursor.expect('SET');
  const several = cursor.isSymbol('(');
  const names = several ? parseNames(cursor) : [cursor.identifier()];
  cursor.expectSymbol('=');
  const slice = several && cursor.isSymbol('(') ? cursor.parenthesised().text : cursor.rest().text;
  cursor.expectEnd();
  const query = /^\s*(select|with)\b/i.test(slice) ? slice : `SELECT ${slice}`;
  await assign(names, query, context);
  return DONE;
};

/** UNSET a; UNSET (a, b). */
export const unsetVariables: Command = async (cursor, context) => {
  cursor.expect('UNSET');
  const names = cursor.isSymbol('(') ? parseNames(cursor) : [cursor.identifier()];
  cursor.expectEnd();
  for (const name of names) context.state.variables.delete(name);
  return DONE;
};

async function assign(names: readonly string[], query: string, context: CommandContext): Promise<void> {
  const translated = context.translateQuery(query, 'SET');
  const columns = await context.describe(translated);
  if (columns.length !== names.length) {
    throw new LocalError(
      '001424',
      '42601',
      'SQL compilation error:\nNumber of variables does not match the number of values in the assignment',
    );
  }
  const list = names.map((_, i) => `c${i}`).join(', ');
  const texts = names.map((_, i) => `CAST(c${i} AS VARCHAR)`).join(', ');
  const rows = await context.rows(`SELECT ${texts} FROM (${translated.sql}) AS v(${list}) LIMIT 2`);
  if (rows.length !== 1) {
    throw new LocalError('090150', '22000', 'Single-row subquery returns more than one row.');
  }
  for (const [i, name] of names.entries()) {
    const type = columns[i]?.type ?? ({ name: 'TEXT', length: MAX_LENGTH } satisfies SnowflakeType);
    const value = rows[0]?.[i];
    const text = value === null || value === undefined ? null : String(value);
    if (text !== null && text.length > MAX_LENGTH) {
      throw new LocalError(
        '001422',
        '22001',
        `Assignment to '${name}' not done because value exceeds size limit for variables. Its size is ${text.length}; the limit is ${MAX_LENGTH}`,
      );
    }
    context.state.variables.set(name, {
      name,
      value: text ?? 'NULL',
      type: type.name === 'FIXED' ? 'fixed' : type.name.toLowerCase(),
      sql: text === null ? 'NULL' : `CAST(${duckString(text)} AS ${duckdbTypeOf(type)})`,
    });
  }
}
