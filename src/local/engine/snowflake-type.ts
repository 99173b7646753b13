/**
 * Snowflake's types, and the DuckDB types that hold them in tables:
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
 * | OBJECT, ARRAY    | JSON, structured ones and MAP and VECTOR too |
 * | GEOGRAPHY, GEOMETRY | JSON: GeoJSON                    |
 *
 * DuckDB's microseconds are kept where Snowflake has nanoseconds; the wire pads with zeros.
 *
 * DuckDB forgets the name of a type made from JSON or VARCHAR, so what it cannot hold (OBJECT and ARRAY against VARIANT,
 * a text's length, a timestamp's scale) is known to the catalog and to translation, and reaches the result encoding as
 * `EncodeOptions.types`. Expressions of DuckDB's own LIST, STRUCT and MAP types come out as ARRAY and OBJECT without it.
 * Never cast a LIST or MAP to JSON (DuckDB prints it as text, `[1, NULL]`): `to_json` converts.
 */
export type SnowflakeType =
  | { readonly name: 'FIXED'; readonly precision: number; readonly scale: number }
  | TextType
  | { readonly name: 'BINARY'; readonly length: number }
  | { readonly name: 'TIME' | 'TIMESTAMP_NTZ' | 'TIMESTAMP_LTZ' | 'TIMESTAMP_TZ'; readonly scale: number }
  | { readonly name: 'REAL' | 'BOOLEAN' | 'DATE' | 'VARIANT' | 'GEOGRAPHY' | 'GEOMETRY' }
  | ArrayType
  | ObjectType;

/** VARCHAR(length); `collation`: by what it compares and sorts, where that is not by code points. */
export interface TextType {
  readonly name: 'TEXT';
  readonly length: number;
  readonly collation?: string;
}

/** ARRAY; ARRAY(T) where `element` is there; VECTOR(T, n) where `size` is there too. */
export interface ArrayType {
  readonly name: 'ARRAY';
  readonly element?: SnowflakeType;
  readonly size?: number;
}

/** OBJECT; OBJECT(field T, …) where `fields` are there; MAP(K, V) where `map` is. */
export interface ObjectType {
  readonly name: 'OBJECT';
  readonly fields?: readonly { readonly name: string; readonly type: SnowflakeType }[];
  readonly map?: { readonly key: SnowflakeType; readonly value: SnowflakeType };
}
