import { ACCOUNT, type Entry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { notFound } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';

/** A parameter of an object as SHOW PARAMETERS tells it. */
export interface ObjectParameter {
  readonly name: string;
  readonly value: string;
  readonly default: string;
  /** The kind of object that it is set on; empty for the default. */
  readonly level: string;
  readonly description: string;
  readonly type: 'NUMBER' | 'STRING' | 'BOOLEAN';
}

type Definition = readonly [name: string, standard: string, type: ObjectParameter['type'], description: string];

const OF_TABLES: readonly Definition[] = [
  ['DATA_RETENTION_TIME_IN_DAYS', '1', 'NUMBER', 'number of days to retain the old version of deleted/updated data'],
  [
    'DEFAULT_DDL_COLLATION',
    '',
    'STRING',
    'Collation that is used for all the new columns created by the DDL statements',
  ],
  [
    'MAX_DATA_EXTENSION_TIME_IN_DAYS',
    '14',
    'NUMBER',
    'Maximum number of days to extend data retention beyond the retention period',
  ],
];

const OF_CONTAINERS: readonly Definition[] = [
  ...OF_TABLES,
  ['LOG_LEVEL', 'OFF', 'STRING', 'LOG_LEVEL to use when filtering events'],
  ['METRIC_LEVEL', 'NONE', 'STRING', 'METRIC_LEVEL to use when filtering events'],
  ['PIPE_EXECUTION_PAUSED', 'false', 'BOOLEAN', 'Enable or disable pipe execution'],
  ['QUOTED_IDENTIFIERS_IGNORE_CASE', 'false', 'BOOLEAN', 'If true, the case of quoted identifiers is ignored'],
  [
    'SUSPEND_TASK_AFTER_NUM_FAILURES',
    '10',
    'NUMBER',
    'How many times a task must fail in a row before it is suspended',
  ],
  ['TASK_AUTO_RETRY_ATTEMPTS', '0', 'NUMBER', 'Maximum automatic retries allowed for a user task'],
  ['TRACE_LEVEL', 'OFF', 'STRING', 'Trace level value to use when generating events'],
  [
    'USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE',
    'Medium',
    'STRING',
    'The initial size of warehouse to use for managed warehouses',
  ],
  ['USER_TASK_TIMEOUT_MS', '3600000', 'NUMBER', 'User task execution timeout in milliseconds'],
];

const OF_WAREHOUSES: readonly Definition[] = [
  ['MAX_CONCURRENCY_LEVEL', '8', 'NUMBER', 'Max parallelism level'],
  ['STATEMENT_QUEUED_TIMEOUT_IN_SECONDS', '0', 'NUMBER', 'Timeout in seconds for queued statements'],
  ['STATEMENT_TIMEOUT_IN_SECONDS', '172800', 'NUMBER', 'Timeout in seconds for statements'],
];

/** `DATABASE | SCHEMA | TABLE | WAREHOUSE name`: the parameters of that object. Undefined for what has those of a session. */
export function objectParameters(cursor: TokenCursor, context: CommandContext): readonly ObjectParameter[] | undefined {
  const { names } = context;
  const word = cursor.acceptOneOf('DATABASE', 'SCHEMA', 'TABLE', 'WAREHOUSE');
  if (word === undefined) return undefined;
  const named = cursor.atEnd || cursor.isKeyword('LIKE') ? undefined : cursor.name();
  if (word === 'WAREHOUSE') {
    const name = named?.[0] ?? context.state.context.warehouse ?? '';
    const entry = names.catalog.find(ACCOUNT, 'warehouse', name);
    if (entry === undefined) throw notFound('Warehouse', [name]);
    return OF_WAREHOUSES.map((definition) => parameter(definition, entry.attributes[definition[0]], 'WAREHOUSE'));
  }
  const { database, schema } = context.state.context;
  const entry =
    word === 'TABLE'
      ? names.table(named ?? [], 'SHOW PARAMETERS').entry
      : word === 'SCHEMA'
        ? names.schema(named ?? [database ?? '', schema ?? ''], 'SHOW PARAMETERS').schema
        : named === undefined
          ? names.currentDatabase('SHOW PARAMETERS')
          : names.database(named[0] ?? '');
  return (word === 'TABLE' ? OF_TABLES : OF_CONTAINERS).map((definition) => inherited(definition, entry, context));
}

/** What the object, or the nearest that holds it, is set to. */
function inherited(definition: Definition, entry: Entry, { names }: CommandContext): ObjectParameter {
  for (let at: Entry | undefined = entry; at !== undefined; at = names.catalog.get(at.parent)) {
    const value = at.properties?.[definition[0]];
    if (value !== undefined) return parameter(definition, value, at.kind.toUpperCase());
  }
  return parameter(definition, undefined, '');
}

function parameter(
  [name, standard, type, description]: Definition,
  value: string | undefined,
  level: string,
): ObjectParameter {
  return {
    name,
    value: value ?? standard,
    default: standard,
    level: value === undefined ? '' : level,
    description,
    type,
  };
}
