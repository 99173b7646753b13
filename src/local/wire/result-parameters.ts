export type ParameterValue = string | number | boolean;
export type ParameterMap = Readonly<Record<string, ParameterValue>>;

/**
 * What drivers read from the `parameters` of an answer, with Snowflake's defaults. The Node driver throws where
 * BINARY_OUTPUT_FORMAT is missing; JDBC wants AUTOCOMMIT; a staging threshold of 1e9 keeps array binds inline.
 */
const DEFAULTS: ParameterMap = {
  AUTOCOMMIT: true,
  BINARY_OUTPUT_FORMAT: 'HEX',
  CLIENT_HONOR_CLIENT_TZ_FOR_TIMESTAMP_NTZ: true,
  CLIENT_PREFETCH_THREADS: 4,
  CLIENT_RESULT_CHUNK_SIZE: 160,
  CLIENT_RESULT_COLUMN_CASE_INSENSITIVE: false,
  CLIENT_SESSION_KEEP_ALIVE: false,
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: 3600,
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 1_000_000_000,
  CLIENT_TELEMETRY_ENABLED: false,
  CLIENT_TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_LTZ',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  JDBC_TREAT_DECIMAL_AS_INT: true,
  JS_TREAT_INTEGER_AS_BIGINT: false,
  QUERY_CONTEXT_CACHE_SIZE: 5,
  TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_TZ_OUTPUT_FORMAT: '',
  TIMEZONE: 'America/Los_Angeles',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
};

/** Python and JDBC read rows in Arrow unless told otherwise; rows here are JSON. */
const FIXED: ParameterMap = {
  JDBC_QUERY_RESULT_FORMAT: 'JSON',
  ODBC_QUERY_RESULT_FORMAT: 'JSON',
  PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'JSON',
};

/**
 * The `parameters` list of an answer: defaults, then what was asked for at login, then the session's own. What belongs to
 * one statement only (`MULTI_STATEMENT_COUNT`, `QUERY_TAG`) stays out: the Node driver keeps these for the whole process.
 */
export function resultParameters(
  atLogin: ParameterMap,
  session: ParameterMap,
): { name: string; value: ParameterValue }[] {
  const merged: Record<string, ParameterValue> = { ...DEFAULTS, ...atLogin, ...session, ...FIXED };
  delete merged.MULTI_STATEMENT_COUNT;
  delete merged.QUERY_TAG;
  return Object.entries(merged).map(([name, value]) => ({ name, value }));
}
