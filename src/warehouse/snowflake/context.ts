import type { WarehouseContext } from '../../store/job.js';
import type { DriverStatement } from './driver.js';

/**
 * Names of a context are SQL identifiers as a person writes them: `sales` and `SALES` are the same, `"sales"` is
 * another one. Inside the adapter they are exact names.
 */
export interface ExactContext {
  readonly database?: string;
  readonly schema?: string;
  readonly warehouse?: string;
  readonly role?: string;
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_$]*$/;
const PLAIN_UPPER = /^[A-Z_][A-Z0-9_$]*$/;
const MEMBERS = ['role', 'warehouse', 'database', 'schema'] as const;

/** The exact name that an identifier of a person stands for. */
export function exactName(identifier: string): string {
  const text = identifier.trim();
  if (/^".*"$/s.test(text)) return text.slice(1, -1).replaceAll('""', '"');
  return PLAIN.test(text) ? text.toUpperCase() : text;
}

/** The identifier for an exact name: quoted only where it has to be. */
export function identifier(name: string): string {
  return PLAIN_UPPER.test(name) ? name : quoted(name);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The session's context after a statement, as the server told it; undefined when it did not. */
export function contextAfter(statement: DriverStatement): ExactContext | undefined {
  const state = statement.getSessionState();
  const told = {
    role: state?.getCurrentRole(),
    warehouse: state?.getCurrentWarehouse(),
    database: state?.getCurrentDatabase(),
    schema: state?.getCurrentSchema(),
  };
  if (Object.values(told).every((name) => name === undefined)) return undefined;
  return pick((member) => toldName(told[member]));
}

/** Servers tell names exact; some quote those that need it. */
function toldName(name: string | undefined): string | undefined {
  if (!name) return undefined;
  return /^".*"$/s.test(name) ? exactName(name) : name;
}

export function exactContext(context: WarehouseContext): ExactContext {
  return pick((member) => {
    const written = context[member];
    return written === undefined || written.trim() === '' ? undefined : exactName(written);
  });
}

export function writtenContext(context: ExactContext): WarehouseContext {
  return pick((member) => {
    const name = context[member];
    return name === undefined ? undefined : identifier(name);
  });
}

function pick(read: (member: (typeof MEMBERS)[number]) => string | undefined): ExactContext {
  const entries = MEMBERS.map((member) => [member, read(member)] as const).filter(([, name]) => name !== undefined);
  return Object.fromEntries(entries);
}

/** What a job's context comes to on a connection that started with `defaults`. */
export function targetContext(asked: ExactContext, defaults: ExactContext): ExactContext {
  // The default schema belongs to the default database; in another one Snowflake chooses PUBLIC.
  const ownDatabase = asked.database !== undefined && asked.database !== defaults.database;
  const schema = asked.schema ?? (ownDatabase ? 'PUBLIC' : defaults.schema);
  return pick((member) => (member === 'schema' ? schema : (asked[member] ?? defaults[member])));
}

/**
 * The fewest statements from `current` to `target`; undefined when there is no way, because Snowflake cannot leave a
 * database, schema, warehouse or role without taking another.
 */
export function useStatements(
  current: ExactContext,
  target: ExactContext,
  asked: ExactContext,
): readonly string[] | undefined {
  if (MEMBERS.some((member) => target[member] === undefined && current[member] !== undefined)) return undefined;
  const statements: string[] = [];
  if (target.role !== undefined && target.role !== current.role) statements.push(`USE ROLE ${quoted(target.role)}`);
  if (target.warehouse !== undefined && target.warehouse !== current.warehouse)
    statements.push(`USE WAREHOUSE ${quoted(target.warehouse)}`);
  const { database, schema } = target;
  if (database !== undefined && asked.schema === undefined && (schema === undefined || schema === 'PUBLIC')) {
    // USE DATABASE takes PUBLIC by itself, and does so even where a database has none.
    const there = database === current.database && (current.schema === undefined || current.schema === schema);
    if (!there) statements.push(`USE DATABASE ${quoted(database)}`);
  } else if (schema !== undefined && (schema !== current.schema || database !== current.database)) {
    statements.push(`USE SCHEMA ${database === undefined ? '' : `${quoted(database)}.`}${quoted(schema)}`);
  }
  return statements;
}

/** `ALTER SESSION` statements from the parameters set so far to the wanted ones. */
export function parameterStatements(
  current: Readonly<Record<string, string>>,
  target: Readonly<Record<string, string>>,
): readonly string[] {
  const set = Object.entries(target).filter(([name, value]) => current[name] !== value);
  const unset = Object.keys(current).filter((name) => !(name in target));
  return [
    ...(unset.length === 0 ? [] : [`ALTER SESSION UNSET ${unset.join(', ')}`]),
    ...(set.length === 0
      ? []
      : [`ALTER SESSION SET ${set.map(([name, value]) => `${name} = ${literal(value)}`).join(' ')}`]),
  ];
}

function literal(value: string): string {
  if (/^-?\d+$/.test(value) || /^(?:true|false)$/i.test(value)) return value;
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
