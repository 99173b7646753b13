import { ACCOUNT, type RoutineEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext, CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { asOwner } from '../../engine/grants/as-owner.js';
import { LocalError } from '../../engine/local-error.js';
import { column } from '../../engine/result-table.js';
import { showType } from '../../engine/types/show-type.js';
import { typeName } from '../emit/invalid-cast.js';
import { chooseOverload } from '../emit/overloads.js';
import { literalOf, type ScriptValue } from '../scripting/literal.js';
import { Variables } from '../scripting/variables.js';
import type { TokenCursor } from '../token-cursor.js';
import { callJavaScript } from './call-javascript.js';
import { parseArguments, parseDefinition } from './create-routine.js';
import { runBlock } from './execute-script.js';
import { callSystemWait } from './system-wait.js';

/** CALL procedure(arguments): a procedure in Snowflake Scripting or JavaScript, or SYSTEM$WAIT. */
export const call: Command = async (cursor, context) => {
  if (cursor.peek(1).value === 'SYSTEM$WAIT') return await callSystemWait(cursor, context);
  cursor.expect('CALL');
  const name = cursor.name();
  const given = await parseValues(cursor, context);
  cursor.expectEnd();
  const { entries, place } = context.names.routines('procedure', name);
  const shown = name.join('.');
  if (entries.length === 0 || place === undefined) {
    throw new LocalError('002140', '42601', `SQL compilation error:\nUnknown user-defined procedure ${shown}`);
  }
  const home = { database: place.database.name, schema: place.schema.name };
  return await callOneOf(entries, given, shown, home, context);
};

/** WITH name AS PROCEDURE (…) RETURNS … AS body CALL name(…): a procedure for this statement alone, with the caller's rights. */
export const callAnonymous: Command = async (cursor, context) => {
  cursor.expect('WITH');
  const name = cursor.identifier();
  cursor.expect('AS', 'PROCEDURE');
  const parameters = parseArguments(cursor);
  const definition = parseDefinition(cursor, 'procedure', context.state.parameters.text('TIMESTAMP_TYPE_MAPPING'));
  cursor.expect('CALL');
  if (cursor.identifier() !== name) throw cursor.error(cursor.tokens[cursor.index - 1]);
  const given = await parseValues(cursor, context);
  cursor.expectEnd();
  const { database, schema, role = 'ACCOUNTADMIN' } = context.state.context;
  const routine: RoutineEntry = {
    ...definition,
    kind: 'procedure',
    id: context.newId(),
    parent: ACCOUNT,
    name,
    routine: name,
    arguments: parameters,
    createdAt: context.now,
    owner: role,
    secure: false,
    executeAs: 'CALLER',
  };
  const home = { database: database ?? '', schema: schema ?? '' };
  return await callOneOf([routine], given, name, home, context, false);
};

/** Calls the overload that the values fit; `kept`: it is an object, on which one has rights or not. */
async function callOneOf(
  entries: readonly RoutineEntry[],
  given: readonly Given[],
  shown: string,
  home: { readonly database: string; readonly schema: string },
  context: CommandContext,
  kept = true,
): Promise<CommandResult> {
  const choice = chooseOverload(
    entries,
    given.map(({ name: by, value }) => ({ name: by, type: value.type })),
  );
  if (choice === undefined) {
    const types = given.map(({ value }) => typeName(value.type)).join(', ');
    throw new LocalError(
      '001044',
      '42P13',
      `SQL compilation error:\nInvalid argument types for function '${shown}': (${types})`,
    );
  }
  const { routine, places } = choice;
  if (kept) context.names.assertMay('USAGE', routine);
  const values: ScriptValue[] = [];
  for (const [i, argument] of routine.arguments.entries()) {
    const at = places[i];
    const text = at === undefined ? (argument.default ?? 'NULL') : literalOf((given[at] as Given).value);
    const { rows } = await context.evaluate(`SELECT CAST((${text}) AS ${showType(argument.type)})`);
    values.push({ type: argument.type, cell: rows[0]?.[0] ?? null });
  }
  return await atHome(routine, home, context, async () => {
    if (routine.strict && values.some(({ cell }) => cell === null)) return single(routine, null);
    if (routine.language === 'JAVASCRIPT') return single(routine, await callJavaScript(routine, values, context));
    return await converted(routine, await runScript(routine, values, context), context);
  });
}

interface Given {
  readonly name: string | undefined;
  readonly value: ScriptValue;
}

async function parseValues(cursor: TokenCursor, context: CommandContext): Promise<Given[]> {
  const given: Given[] = [];
  cursor.expectSymbol('(');
  if (cursor.acceptSymbol(')')) return given;
  do {
    const named = cursor.isSymbol('=>', 1) ? cursor.identifier() : undefined;
    if (named !== undefined) cursor.next();
    const { text } = cursor.textUntil([',', ')']);
    const { columns, rows } = await context.evaluate(`SELECT ${text}`, context.input.binds);
    const type = columns[0]?.type;
    if (type === undefined) throw cursor.error();
    given.push({ name: named, value: { type, cell: rows[0]?.[0] ?? null } });
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return given;
}

async function runScript(
  routine: RoutineEntry,
  values: readonly ScriptValue[],
  context: CommandContext,
): Promise<CommandResult> {
  const variables = new Variables();
  for (const [i, { name, type }] of routine.arguments.entries()) {
    variables.declare(name, { kind: 'value', type, value: values[i] as ScriptValue });
  }
  return await runBlock(routine.body, context, variables, routine.routine);
}

/** The value in the type that the procedure declares. */
async function converted(
  routine: RoutineEntry,
  result: CommandResult,
  context: CommandContext,
): Promise<CommandResult> {
  const { columns, rows } = result.table;
  const [first] = columns;
  if (routine.table !== undefined || first === undefined || first.name !== routine.routine) return result;
  const given: ScriptValue = { type: first.type, cell: rows[0]?.[0] ?? null };
  const cast = `SELECT CAST((${literalOf(given)}) AS ${showType(routine.returns)})`;
  return single(routine, (await context.evaluate(cast)).rows[0]?.[0] ?? null);
}

function single(routine: RoutineEntry, cell: string | null): CommandResult {
  const table = { columns: [column(routine.routine, routine.returns)], rows: [[cell]] };
  return { statementTypeId: STATEMENT_TYPE.call, table };
}

/** A procedure with owner's rights works in its own schema with that owner's role; the caller's place is the same again afterwards. */
async function atHome(
  routine: RoutineEntry,
  home: { readonly database: string; readonly schema: string },
  { state }: CommandContext,
  run: () => Promise<CommandResult>,
): Promise<CommandResult> {
  if (routine.executeAs === 'CALLER') return await run();
  const { database: _database, schema: _schema, ...rest } = state.context;
  const { context: before } = state;
  state.context = { ...rest, ...home };
  try {
    return await asOwner(state, routine.owner, run);
  } finally {
    state.context = { ...state.context, ...placeOf(before) };
  }
}

function placeOf({ database, schema }: { database?: string; schema?: string }): {
  database?: string;
  schema?: string;
} {
  return { ...(database === undefined ? {} : { database }), ...(schema === undefined ? {} : { schema }) };
}
