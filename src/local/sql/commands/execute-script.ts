import type { Command, CommandContext, CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column } from '../../engine/result-table.js';
import { Interpreter, type ScriptOutcome } from '../scripting/interpreter.js';
import { parseScript } from '../scripting/parse-script.js';
import { withPositions } from '../scripting/substitute.js';
import { Variables } from '../scripting/variables.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import type { ParsedStatement } from '../translation.js';

/** Whether the statement is a block of Snowflake Scripting and not BEGIN of a transaction. */
export function isBlock({ keywords }: ParsedStatement, text: string): boolean {
  if (keywords[0] === 'DECLARE') return true;
  return keywords[0] === 'BEGIN' && !/^begin\s*(;|$|(work|transaction|name)\b)/i.test(text);
}

/** An anonymous block: `[DECLARE …] BEGIN … END`. */
export const executeBlock: Command = async (_cursor, context) =>
  await runBlock(context.statement.text, context, new Variables(), 'anonymous block');

/** EXECUTE IMMEDIATE 'text' | $$block$$ | $variable [USING (…)]. */
export const executeImmediate: Command = async (cursor, context) => {
  cursor.expect('EXECUTE');
  if (!cursor.accept('IMMEDIATE')) throw unsupported(`EXECUTE ${cursor.peek().value}`);
  if (cursor.accept('FROM')) throw unsupported('EXECUTE IMMEDIATE FROM');
  const text = await textOf(cursor, context);
  const binds = cursor.accept('USING') ? cursor.parenthesised().text.split(',') : [];
  cursor.expectEnd();
  const ran = await context.runNested(binds.length === 0 ? text : withPositions(text, binds), context.input.binds);
  return { statementTypeId: ran.statementTypeId, table: ran.table };
};

async function textOf(cursor: TokenCursor, context: CommandContext): Promise<string> {
  const literal = cursor.stringIf();
  if (literal !== undefined) return literal;
  const { rows } = await context.evaluate(`SELECT ${cursor.textUntil([], ['USING']).text}`, context.input.binds);
  const text = rows[0]?.[0];
  if (text === undefined || text === null) {
    throw new LocalError('001003', '42000', 'SQL compilation error:\nEXECUTE IMMEDIATE takes a text that is not NULL.');
  }
  return text;
}

/** Runs a script; a value that it returns becomes one row in a column of that name. */
export async function runBlock(
  text: string,
  context: CommandContext,
  variables: Variables,
  columnName: string,
): Promise<CommandResult> {
  const block = parseScript(text, context.state.parameters.text('TIMESTAMP_TYPE_MAPPING'));
  const outcome = await new Interpreter(context, text).run(block, variables);
  return { statementTypeId: STATEMENT_TYPE.call, table: tableOf(outcome, columnName) };
}

function tableOf(outcome: ScriptOutcome, name: string): CommandResult['table'] {
  if (outcome.kind === 'rows') return outcome.table;
  const { type, cell } = outcome.value;
  return { columns: [column(name, type)], rows: [[cell]] };
}
