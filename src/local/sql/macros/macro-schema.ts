/** DuckDB schema of the macros that carry Snowflake's functions. */
export const MACRO_SCHEMA = '_fn';
