/**
 * Snowflake's types, and the DuckDB types that hold them:
 *
 * | Snowflake        | DuckDB                              |
 * |------------------|-------------------------------------|
 * | NUMBER(p, s)     | DECIMAL(p, s)                       |
 * | FLOAT            | DOUBLE                              |
 * | VARCHAR(n)       | VARCHAR                             |
 * | BINARY(n)        | BLOB                                |
 * | BOOLEAN          | BOOLEAN                             |
 * | DATE             | DATE                                |
 * | TIME(9)          | TIME                                |
 * | TIMESTAMP_NTZ(9) | TIMESTAMP                           |
 * | TIMESTAMP_LTZ(9) | TIMESTAMPTZ                         |
 * | TIMESTAMP_TZ(9)  | STRUCT("utc" TIMESTAMP, "offset_min" SMALLINT) |
 * | VARIANT          | JSON                                |
 * | OBJECT, ARRAY    | JSON under the alias types `OBJECT` and `ARRAY` |
 *
 * DuckDB's microseconds are kept where Snowflake has nanoseconds; the wire pads with zeros.
 */
export type SnowflakeType =
  | { readonly name: 'FIXED'; readonly precision: number; readonly scale: number }
  | { readonly name: 'TEXT'; readonly length: number }
  | { readonly name: 'BINARY'; readonly length: number }
  | { readonly name: 'TIME' | 'TIMESTAMP_NTZ' | 'TIMESTAMP_LTZ' | 'TIMESTAMP_TZ'; readonly scale: number }
  | { readonly name: 'REAL' | 'BOOLEAN' | 'DATE' | 'VARIANT' | 'OBJECT' | 'ARRAY' };
