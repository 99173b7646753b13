import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { invalidCast } from './invalid-cast.js';
import { BINARY, TEXT, type Typed, typed } from './typed.js';

/** The operation of one shape, or of a shape and another, or of a shape and a number. */
export function geoCall(
  kind: 'text' | 'number' | 'test',
  operation: string,
  shape: string,
  plane: boolean,
  more: { readonly other?: string; readonly number?: string } = {},
): string {
  const number = more.number === undefined ? 'NULL' : `CAST(${more.number} AS DOUBLE)`;
  return `geo_${kind}('${operation}', ${shape}, ${more.other ?? 'NULL'}, ${number}, ${plane})`;
}

/** GeoJSON, WKT, WKB, EWKT or EWKB as a shape; `srid` is that of a GEOMETRY. */
export function geoFrom(value: Typed, target: SnowflakeType, lenient = false, srid?: string): Typed {
  const plane = target.name === 'GEOMETRY';
  const operation = lenient ? 'try read' : 'read';
  const of = geoCall('text', operation, textIn(value, target), plane, srid === undefined ? {} : { number: srid });
  return typed(`CAST(${of} AS JSON)`, target, true);
}

/** The text in which a value tells its shape. */
function textIn({ type, sql }: Typed, target: SnowflakeType): string {
  switch (type.name) {
    case 'TEXT':
      return sql;
    case 'NULL':
    case 'UNKNOWN':
      return `CAST(${sql} AS VARCHAR)`;
    case 'VARIANT':
      return `(${sql} ->> '$')`;
    case 'OBJECT':
      return `CAST(${sql} AS VARCHAR)`;
    case 'BINARY':
      return `hex(${sql})`;
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      // A place on the sphere is one of the reference system 4326.
      return geoCall('text', 'ewkt', `CAST(${sql} AS VARCHAR)`, type.name === 'GEOMETRY');
    default:
      throw invalidCast(type, target);
  }
}

/** A shape as GEOGRAPHY_OUTPUT_FORMAT or GEOMETRY_OUTPUT_FORMAT says: GeoJSON, WKT, EWKT, WKB, EWKB. */
export function shownShape(value: Typed, format: string): Typed {
  const operation = format.toLowerCase();
  if (!['wkt', 'ewkt', 'wkb', 'ewkb'].includes(operation)) return value;
  const text = geoCall('text', operation, `CAST(${value.sql} AS VARCHAR)`, value.type.name === 'GEOMETRY');
  return operation.endsWith('wkb') ? typed(`unhex(${text})`, BINARY, true) : typed(text, TEXT, true);
}
