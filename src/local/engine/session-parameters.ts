import { LocalError } from './local-error.js';

export type ParameterValue = string | number | boolean;

interface ParameterDefinition {
  readonly value: ParameterValue;
  readonly description: string;
}

/** Session parameters with Snowflake's defaults. */
const DEFINITIONS: Readonly<Record<string, ParameterDefinition>> = {
  ABORT_DETACHED_QUERY: { value: false, description: 'Abort queries when their client disconnects' },
  AUTOCOMMIT: { value: true, description: 'Whether each statement commits by itself' },
  BINARY_INPUT_FORMAT: { value: 'HEX', description: 'Input format for binary' },
  BINARY_OUTPUT_FORMAT: { value: 'HEX', description: 'Display format for binary' },
  CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX: {
    value: false,
    description: 'Metadata requests use the current context',
  },
  CLIENT_MEMORY_LIMIT: { value: 1536, description: 'Megabytes of results that a client may hold' },
  CLIENT_PREFETCH_THREADS: { value: 4, description: 'Threads that a client fetches results with' },
  CLIENT_RESULT_CHUNK_SIZE: { value: 160, description: 'Megabytes of one chunk of a result at most' },
  CLIENT_RESULT_COLUMN_CASE_INSENSITIVE: { value: false, description: 'Column names of results match in any case' },
  CLIENT_SESSION_KEEP_ALIVE: { value: false, description: 'Keep the session alive without activity' },
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: { value: 3600, description: 'Seconds between heartbeats' },
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: {
    value: 1_000_000_000,
    description: 'Number of array binds from which a client stages them',
  },
  CLIENT_TIMESTAMP_TYPE_MAPPING: { value: 'TIMESTAMP_LTZ', description: 'Type of bound timestamps' },
  DATE_INPUT_FORMAT: { value: 'AUTO', description: 'Input format for dates' },
  DATE_OUTPUT_FORMAT: { value: 'YYYY-MM-DD', description: 'Display format for dates' },
  ERROR_ON_NONDETERMINISTIC_MERGE: { value: true, description: 'A merge that is not deterministic fails' },
  ERROR_ON_NONDETERMINISTIC_UPDATE: { value: false, description: 'An update that is not deterministic fails' },
  GEOGRAPHY_OUTPUT_FORMAT: { value: 'GeoJSON', description: 'Display format for geography' },
  GEOMETRY_OUTPUT_FORMAT: { value: 'GeoJSON', description: 'Display format for geometry' },
  JDBC_TREAT_DECIMAL_AS_INT: { value: true, description: 'JDBC gives numbers without a scale as BIGINT' },
  JS_TREAT_INTEGER_AS_BIGINT: { value: false, description: 'The Node driver gives integers as BigInt' },
  JSON_INDENT: { value: 2, description: 'Indentation of JSON output' },
  LOCK_TIMEOUT: { value: 43_200, description: 'Seconds to wait for a lock' },
  LOG_LEVEL: { value: 'OFF', description: 'Messages of functions and procedures that are kept' },
  MULTI_STATEMENT_COUNT: { value: 1, description: 'Number of statements in a request; 0 for any' },
  QUERY_TAG: { value: '', description: 'Text recorded with each query' },
  QUOTED_IDENTIFIERS_IGNORE_CASE: { value: false, description: 'Quoted identifiers are folded to upper case' },
  ROWS_PER_RESULTSET: { value: 0, description: 'Most rows of a result; 0 for no limit' },
  SEARCH_PATH: { value: '$current, $public', description: 'Schemas in which unqualified names are sought' },
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: { value: 0, description: 'Seconds a statement may be queued; 0 for no limit' },
  STATEMENT_TIMEOUT_IN_SECONDS: { value: 172_800, description: 'Seconds a statement may run' },
  STRICT_JSON_OUTPUT: { value: false, description: 'JSON output is strictly valid' },
  TIMESTAMP_DAY_IS_ALWAYS_24H: { value: false, description: 'A day is 24 hours in timestamp arithmetic' },
  TIMESTAMP_INPUT_FORMAT: { value: 'AUTO', description: 'Input format for timestamps' },
  TIMESTAMP_LTZ_OUTPUT_FORMAT: { value: '', description: 'Display format for TIMESTAMP_LTZ' },
  TIMESTAMP_NTZ_OUTPUT_FORMAT: { value: 'YYYY-MM-DD HH24:MI:SS.FF3', description: 'Display format for TIMESTAMP_NTZ' },
  TIMESTAMP_OUTPUT_FORMAT: { value: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM', description: 'Display format for timestamps' },
  TIMESTAMP_TYPE_MAPPING: { value: 'TIMESTAMP_NTZ', description: 'What TIMESTAMP means' },
  TIMESTAMP_TZ_OUTPUT_FORMAT: { value: '', description: 'Display format for TIMESTAMP_TZ' },
  TIMEZONE: { value: 'America/Los_Angeles', description: 'Time zone of the session' },
  TIME_INPUT_FORMAT: { value: 'AUTO', description: 'Input format for times' },
  TIME_OUTPUT_FORMAT: { value: 'HH24:MI:SS', description: 'Display format for times' },
  TRACE_LEVEL: { value: 'OFF', description: 'Traces of functions and procedures that are kept' },
  TRANSACTION_ABORT_ON_ERROR: { value: false, description: 'An error aborts the open transaction' },
  TRANSACTION_DEFAULT_ISOLATION_LEVEL: { value: 'READ COMMITTED', description: 'Isolation level' },
  TWO_DIGIT_CENTURY_START: { value: 1970, description: 'Century of two-digit years' },
  UNSUPPORTED_DDL_ACTION: { value: 'ignore', description: 'What happens with options that are not supported' },
  USE_CACHED_RESULT: { value: true, description: 'Results may be reused' },
  WEEK_OF_YEAR_POLICY: { value: 0, description: '0: ISO weeks; 1: the week of 1 January is the first' },
  WEEK_START: { value: 0, description: 'First day of the week: 0 and 1 Monday, 7 Sunday' },
};

const WITHOUT_EFFECT_ON_ROWS =
  /^(ABORT_DETACHED_QUERY|AUTOCOMMIT|CLIENT_.*|JS_.*|LOCK_TIMEOUT|MULTI_STATEMENT_COUNT|QUERY_TAG|STATEMENT_.*|TRANSACTION_.*|USE_CACHED_RESULT)$/;

/** A session's parameters: Snowflake's defaults, and what login or ALTER SESSION set. */
export class SessionParameters {
  readonly #set = new Map<string, ParameterValue>();
  #shaping: string | undefined;

  constructor(atLogin: Readonly<Record<string, ParameterValue>>) {
    for (const [name, value] of Object.entries(atLogin)) {
      this.#set.set(name.toUpperCase(), asDefined(name.toUpperCase(), value));
    }
  }

  get(name: string): ParameterValue | undefined {
    return this.#set.get(name) ?? DEFINITIONS[name]?.value;
  }

  text(name: string): string {
    return String(this.get(name) ?? '');
  }

  /** What is set of the parameters that a query's rows may depend on, as one text. */
  get shaping(): string {
    this.#shaping ??= JSON.stringify(
      [...this.#set].filter(([name]) => DEFINITIONS[name] !== undefined && !WITHOUT_EFFECT_ON_ROWS.test(name)).sort(),
    );
    return this.#shaping;
  }

  /** Every parameter with its value. */
  all(): Record<string, ParameterValue> {
    const values: Record<string, ParameterValue> = {};
    for (const [name, definition] of Object.entries(DEFINITIONS)) values[name] = definition.value;
    for (const [name, value] of this.#set) values[name] = value;
    return values;
  }

  /**
   * Sets all or none. Throws `LocalError` 002211 for an unknown name, 001008 for a value that the parameter cannot have, and
   * 000002 for one that has no effect here although it has in Snowflake.
   */
  set(values: readonly (readonly [name: string, value: ParameterValue])[]): void {
    const checked = values.map(([name, value]): [string, ParameterValue] => {
      assertKnown(name);
      return [name, asDefined(name, value)];
    });
    for (const [name, value] of checked) this.#set.set(name, value);
    this.#shaping = undefined;
  }

  /** Throws `LocalError` 002211 for an unknown name, and then unsets none. */
  unset(names: readonly string[]): void {
    for (const name of names) assertKnown(name);
    for (const name of names) this.#set.delete(name);
    this.#shaping = undefined;
  }

  describe(): { name: string; value: ParameterValue; default: ParameterValue; level: string; description: string }[] {
    return Object.entries(DEFINITIONS).map(([name, definition]) => ({
      name,
      value: this.#set.get(name) ?? definition.value,
      default: definition.value,
      level: this.#set.has(name) ? 'SESSION' : '',
      description: definition.description,
    }));
  }
}

export function parameterType(value: ParameterValue): string {
  return typeof value === 'number' ? 'NUMBER' : typeof value === 'boolean' ? 'BOOLEAN' : 'STRING';
}

function coerce(name: string, value: ParameterValue, like: ParameterValue): ParameterValue {
  if (typeof like === 'boolean') {
    const text = String(value).toLowerCase();
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
    throw invalidValue(name, value);
  }
  if (typeof like === 'number') {
    const number = Number(value);
    if (String(value).trim() === '' || !Number.isFinite(number)) throw invalidValue(name, value);
    return number;
  }
  return String(value);
}

function invalidValue(name: string, value: ParameterValue): LocalError {
  return new LocalError(
    '001008',
    '22023',
    `SQL compilation error:\ninvalid value [${String(value)}] for parameter '${name}'`,
  );
}

function assertKnown(name: string): void {
  if (DEFINITIONS[name] !== undefined) return;
  throw new LocalError('002211', '42601', `SQL compilation error:\ninvalid parameter '${name}'`);
}

/** The value as the parameter has it. A name that is not known is kept as it is: clients send settings of their own at login. */
function asDefined(name: string, value: ParameterValue): ParameterValue {
  const definition = DEFINITIONS[name];
  if (definition === undefined) return value;
  const coerced = coerce(name, value, definition.value);
  CHECKS[name]?.(name, String(coerced));
  return coerced;
}

const CHECKS: Readonly<Record<string, (name: string, value: string) => void>> = {
  TIMEZONE: assertTimeZone,
  TIMESTAMP_TYPE_MAPPING: (name, value) => {
    if (!/^TIMESTAMP_(NTZ|LTZ|TZ)$/i.test(value)) throw invalidValue(name, value);
  },
  DATE_INPUT_FORMAT: assertAutomatic,
  TIME_INPUT_FORMAT: assertAutomatic,
  TIMESTAMP_INPUT_FORMAT: assertAutomatic,
  BINARY_INPUT_FORMAT: (name, value) => {
    if (!/^HEX$/i.test(value)) throw unsupported(`${name} = ${value}`);
  },
  WEEK_OF_YEAR_POLICY: (name, value) => {
    if (value !== '0' && value !== '1') throw unsupported(`${name} = ${value}`);
  },
};

/** Formats that AUTO reads in the same way. */
const READ_BY_AUTO = /^(AUTO|YYYY-MM-DD|HH24:MI(:SS(\.FF\d?)?)?|YYYY-MM-DD[ T]HH24:MI(:SS(\.FF\d?)?)?( ?TZH:?TZM)?)$/i;

function assertAutomatic(name: string, value: string): void {
  if (!READ_BY_AUTO.test(value.replaceAll('"', ''))) throw unsupported(`${name} = ${value}`, NAME_IT);
}

const NAME_IT = " in the local Snowflake. Name the format where it is used, as in TO_DATE(x, 'DD/MM/YYYY').";

function unsupported(what: string, hint = '.'): LocalError {
  return new LocalError('000002', '0A000', `Unsupported feature '${what}'${hint}`);
}

function assertTimeZone(name: string, zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw invalidValue(name, zone);
  }
}
