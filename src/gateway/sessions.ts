import { SnowError } from '../errors/snow-error.js';
import type { WarehouseContext } from '../store/job.js';
import { writtenName } from './identifiers.js';

/** A change as `SessionStore.setSession` takes it: `null` clears a member, an absent one stays. */
export type SessionChange = { readonly [K in keyof WarehouseContext]?: WarehouseContext[K] | null };

export const DEFAULT_SESSION = 'default';

const LONGEST_SESSION_NAME = 100;

/** Throws `INVALID_ARGUMENT` for a name that cannot be one. */
export function sessionName(name: string | undefined): string {
  if (name === undefined) return DEFAULT_SESSION;
  if (name === '' || name.length > LONGEST_SESSION_NAME || /\p{Cc}/u.test(name))
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'That is no name for a session.',
      hint: `Use 1 to ${LONGEST_SESSION_NAME} printable characters.`,
    });
  return name;
}

/**
 * A caller's change with checked names. Another database without a schema clears the schema, which belonged to the old one.
 * Whether the objects exist is found out by the first statement that uses them.
 */
export function checkedChange(change: SessionChange): SessionChange {
  const checked: { -readonly [K in keyof SessionChange]: SessionChange[K] } = {};
  for (const member of ['database', 'schema', 'warehouse', 'role'] as const) {
    const value = change[member];
    if (value !== undefined) checked[member] = value === null ? null : writtenName(value, member);
  }
  if (checked.database !== undefined && checked.schema === undefined) checked.schema = null;
  if (change.parameters !== undefined)
    checked.parameters = change.parameters === null ? null : checkedParameters(change.parameters);
  return checked;
}

/** The session's context with what a single call says otherwise. */
export function contextOf(
  session: WarehouseContext,
  call: { readonly database?: string | undefined; readonly schema?: string | undefined },
): WarehouseContext {
  const { schema: sessionSchema, ...rest } = session;
  const database = call.database === undefined ? undefined : writtenName(call.database, 'database');
  const schema = call.schema === undefined ? undefined : writtenName(call.schema, 'schema');
  const kept = schema ?? (database === undefined || database === session.database ? sessionSchema : undefined);
  return {
    ...rest,
    ...(database === undefined ? {} : { database }),
    ...(kept === undefined ? {} : { schema: kept }),
  };
}

/** Session parameters that are kept, and characters of one; Snowflake's longest, QUERY_TAG, takes 2,000. */
const MOST_PARAMETERS = 100;
const LONGEST_PARAMETER = 2_000;

function checkedParameters(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(parameters);
  if (entries.length > MOST_PARAMETERS)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `A session keeps ${MOST_PARAMETERS} parameters at most.`,
      hint: 'Leave out those that have their defaults.',
    });
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!/^[A-Za-z][A-Za-z0-9_]{0,254}$/.test(name))
        throw new SnowError({
          code: 'INVALID_ARGUMENT',
          message: `${JSON.stringify(name.slice(0, 80))} is no name of a session parameter.`,
          hint: 'Use names as ALTER SESSION takes them, e.g. TIMEZONE.',
        });
      if (String(value).length > LONGEST_PARAMETER)
        throw new SnowError({
          code: 'INVALID_ARGUMENT',
          message: `The value of the session parameter ${name.slice(0, 80)} is too long.`,
          hint: `Values have ${LONGEST_PARAMETER} characters at most.`,
        });
      return [name.toUpperCase(), String(value)];
    }),
  );
}
