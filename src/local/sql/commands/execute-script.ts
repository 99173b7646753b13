import type { Command, CommandContext, CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column, TEXT } from '../../engine/result-table.js';
import { decoded } from '../../engine/stages/decompress.js';
import { parseLocation } from '../../engine/stages/stage-location.js';
import { parseStatements } from '../parse-statements.js';
import { Interpreter, type ScriptOutcome } from '../scripting/interpreter.js';
import { literalOf } from '../scripting/literal.js';
import { parseScript } from '../scripting/parse-script.js';
import { withPositions } from '../scripting/substitute.js';
import { Variables } from '../scripting/variables.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import type { ParsedStatement } from '../translation.js';

/** Snowflake's limit for files of EXECUTE IMMEDIATE FROM. */
const MOST_FILE_BYTES = 10 * 1024 * 1024;

/** Whether the statement is a block of Snowflake Scripting and not BEGIN of a transaction. */
export function isBlock({ keywords }: ParsedStatement, text: string): boolean {
  if (keywords[0] === 'DECLARE') return true;
  return keywords[0] === 'BEGIN' && !/^begin\s*(;|$|(work|transaction|name)\b)/i.test(text);
}

/** An anonymous block: `[DECLARE …] BEGIN … END`. */
export const executeBlock: Command = async (_cursor, context) => {
  const literals: string[] = [];
  for (const [name, bind] of Object.entries(context.input.binds ?? {})) {
    const { columns, rows } = await context.evaluate(`SELECT :${name}`, { [name]: bind });
    literals.push(literalOf({ type: columns[0]?.type ?? TEXT, cell: rows[0]?.[0] ?? null }));
  }
  const text = withPositions(context.statement.text, literals);
  return await runBlock(text, context, new Variables(), 'anonymous block');
};

/** EXECUTE IMMEDIATE 'text' | $$block$$ | $variable [USING (…)]. */
export const executeImmediate: Command = async (cursor, context) => {
  cursor.expect('EXECUTE');
  if (!cursor.accept('IMMEDIATE')) throw unsupported(`EXECUTE ${cursor.peek().value}`);
  if (cursor.accept('FROM')) return await executeFile(cursor, context);
  const text = await textOf(cursor, context);
  const binds = cursor.accept('USING') ? cursor.parenthesised().text.split(',') : [];
  cursor.expectEnd();
  const ran = await context.runNested(binds.length === 0 ? text : withPositions(text, binds), context.input.binds);
  return { statementTypeId: ran.statementTypeId, table: ran.table };
};

/** EXECUTE IMMEDIATE FROM @stage/file: its statements one after the other; the result is the last one's. */
async function executeFile(cursor: TokenCursor, context: CommandContext): Promise<CommandResult> {
  const location = await parseLocation(cursor, context, 'EXECUTE IMMEDIATE');
  cursor.expectEnd();
  const file = (await context.stages.list(location.key, location.path)).find(({ path }) => path === location.path);
  if (file === undefined) {
    throw new LocalError('100016', '22000', `Remote file '${location.shown}${location.path}' was not found.`);
  }
  if (file.bytes > MOST_FILE_BYTES) throw unsupported(`a file of more than ${MOST_FILE_BYTES} bytes`);
  let text = '';
  for await (const part of decoded(file, { compression: 'AUTO', encoding: 'utf-8', replaceInvalid: false }))
    text += part;
  let last: CommandResult | undefined;
  for (const statement of parseStatements(text)) last = await context.runNested(statement.text);
  if (last === undefined) throw new LocalError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.');
  return { statementTypeId: last.statementTypeId, table: last.table };
}

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
