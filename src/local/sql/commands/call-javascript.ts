import type { RoutineEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import type { BindValue } from '../../engine/engine.js';
import { JavaScriptThread, javascriptError } from '../../engine/javascript/thread.js';
import { LocalError } from '../../engine/local-error.js';
import { TEXT } from '../../engine/result-table.js';
import { showType } from '../../engine/types/show-type.js';
import { literalOf, quoted, type ScriptValue } from '../scripting/literal.js';

/** Runs a procedure in JavaScript in a thread of its own; `snowflake.execute` runs its statements in the session. */
export async function callJavaScript(
  routine: RoutineEntry,
  values: readonly ScriptValue[],
  context: CommandContext,
): Promise<string | null> {
  const thread = new JavaScriptThread();
  try {
    const request = {
      kind: 'procedure',
      body: routine.body,
      parameters: routine.arguments.map(({ name, type }) => ({ name, type: type.name })),
      row: await argumentsJson(values, context),
      returns: routine.returns.name,
    } as const;
    const reply = await thread.run(request, async (text) => await execute(text, context), context.signal);
    if (reply === undefined || 'execute' in reply) throw javascriptError(routine.routine, 'too much memory');
    if ('error' in reply) throw javascriptError(routine.routine, reply.error);
    const [json] = reply.values;
    if (json === null || json === undefined) return null;
    const cast = `CAST(PARSE_JSON(${quoted(json)}) AS ${showType(routine.returns)})`;
    return (await context.evaluate(`SELECT ${cast}`)).rows[0]?.[0] ?? null;
  } finally {
    await thread.end();
  }
}

/** Numbers as numbers, dates as milliseconds since the epoch. */
async function argumentsJson(values: readonly ScriptValue[], context: CommandContext): Promise<string> {
  if (values.length === 0) return '[]';
  const cells = values.map((value) => {
    const literal = literalOf(value);
    const { name } = value.type;
    if (name === 'DATE' || name.startsWith('TIMESTAMP'))
      return `DATE_PART(EPOCH_MILLISECOND, ${literal}::TIMESTAMP_NTZ)`;
    return name === 'BINARY' ? `HEX_ENCODE(${literal})` : literal;
  });
  const { rows } = await context.evaluate(`SELECT ARRAY_CONSTRUCT(${cells.join(', ')})`);
  return (rows[0]?.[0] ?? '[]').replaceAll(/\bundefined\b/g, 'null');
}

/** One statement of a procedure's, as JSON both ways. */
async function execute(text: string, context: CommandContext): Promise<string> {
  const { sqlText, binds } = JSON.parse(text) as { sqlText: string; binds: readonly [string, string | null][] };
  const named = Object.fromEntries(
    binds.map(([type, value], i): [string, BindValue] => [String(i + 1), { type, value }]),
  );
  try {
    const { queryId, table, changed } = await context.runNested(sqlText, named);
    return JSON.stringify({
      queryId,
      columns: table.columns.map(({ name, type = TEXT, nullable }) => ({
        name,
        type: type.name,
        scale: 'scale' in type ? type.scale : 0,
        nullable,
      })),
      rows: table.rows,
      ...(changed === undefined ? {} : { changed }),
    });
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    const { number, sqlState, message } = error;
    return JSON.stringify({ error: { message, code: Number(number), state: sqlState } });
  }
}
