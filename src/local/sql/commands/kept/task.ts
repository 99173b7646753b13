import type { KeptEntry } from '../../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../../engine/command.js';
import { STATEMENT_TYPE } from '../../../engine/command.js';
import { asOwner } from '../../../engine/grants/as-owner.js';
import { LocalError } from '../../../engine/local-error.js';
import { statusRow } from '../../../engine/result-table.js';
import { missing } from '../../../engine/session-names.js';
import { showName } from '../../../engine/snowflake-errors.js';
import { recordTaskRun } from '../../../engine/task-runs.js';
import { TokenCursor } from '../../token-cursor.js';

/** The task with its predecessors' names in full. Throws 002003 for one that does not exist. */
export function resolvedTask(task: KeptEntry, context: CommandContext): KeptEntry {
  const after = task.attributes.AFTER?.split(' ') ?? [];
  if (after.length === 0) return task;
  const full = after.map((name) => fullName(new TokenCursor(name).name(), context));
  return { ...task, attributes: { ...task.attributes, AFTER: full.join(' ') } };
}

/** `DB.SCHEMA.TASK`. Throws 002003 for a task that does not exist. */
export function fullName(path: readonly string[], { names }: CommandContext): string {
  const place = names.place(path, 'TASK');
  if (names.catalog.find(place.schema.id, 'task', place.name) === undefined) throw missing('Task', place);
  return showName([place.database.name, place.schema.name, place.name]);
}

/**
 * EXECUTE TASK name [USING CONFIG = …] | [RETRY LAST]: its statement runs now and to its end, then those of the resumed tasks that
 * come after it. What goes wrong in them is in TASK_HISTORY and the query history, as where tasks run by themselves.
 */
export const executeTask: Command = async (cursor, context) => {
  cursor.expect('EXECUTE', 'TASK');
  const path = cursor.name();
  cursor.rest();
  const place = context.names.place(path, 'EXECUTE TASK');
  const task = context.names.findIn(place.schema, 'task', place.name);
  if (task === undefined) throw missing('Task', place);
  context.names.assertMay('OPERATE', task);
  const home = context.state.context;
  const done = new Set<number>();
  const waiting: KeptEntry[] = [task];
  try {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (done.has(next.id)) continue;
      done.add(next.id);
      if (await run(next, context)) waiting.push(...successors(next, context));
    }
  } finally {
    context.state.context = home;
  }
  return {
    statementTypeId: STATEMENT_TYPE.ddl,
    table: statusRow(`Task ${place.name} is scheduled to run immediately.`),
  };
};

function successors(task: KeptEntry, context: CommandContext): KeptEntry[] {
  const name = context.names.nameOf(task.id);
  const found: KeptEntry[] = [];
  for (const entry of context.names.catalog.all()) {
    if (entry.kind !== 'task' || entry.droppedAt !== undefined || entry.attributes.STATE !== 'started') continue;
    if (entry.attributes.AFTER?.split(' ').includes(name) === true) found.push(entry);
  }
  return found;
}

/** Runs the task in its own schema; answers whether its successors come next. */
async function run(task: KeptEntry, context: CommandContext): Promise<boolean> {
  const { names, state } = context;
  const schema = names.catalog.get(task.parent);
  const database = schema === undefined ? undefined : names.catalog.get(schema.parent);
  const startedAt = Date.now();
  const base = {
    name: task.name,
    databaseName: database?.name ?? '',
    schemaName: schema?.name ?? '',
    text: task.definition,
    condition: task.attributes.WHEN ?? null,
    startedAt,
  };
  state.context = { ...state.context, database: base.databaseName, schema: base.schemaName };
  try {
    if (task.attributes.WHEN !== undefined && !(await holds(task.attributes.WHEN, context))) {
      recordTaskRun(names.whole, { ...base, state: 'SKIPPED', endedAt: Date.now() });
      return false;
    }
    const { queryId } = await asOwner(state, task.owner, async () => await context.runNested(task.definition));
    recordTaskRun(names.whole, { ...base, state: 'SUCCEEDED', endedAt: Date.now(), queryId });
    return true;
  } catch (error) {
    if (context.signal.aborted || !(error instanceof LocalError)) throw error;
    const { number, message } = error;
    recordTaskRun(names.whole, { ...base, state: 'FAILED', endedAt: Date.now(), error: { number, message } });
    return false;
  }
}

async function holds(condition: string, context: CommandContext): Promise<boolean> {
  const { rows } = await context.evaluate(`SELECT IFF(${condition}, 1, 0)`);
  return rows[0]?.[0] === '1';
}
