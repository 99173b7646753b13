import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { asText } from '../emit/coerce.js';
import { geoCall, geoFrom } from '../emit/geo-casts.js';
import { BINARY, BOOLEAN, INTEGER, OBJECT, REAL, TEXT, type Typed, typed } from '../emit/typed.js';
import { aggregate } from './aggregate-call.js';
import { type Call, type FunctionRule, type FunctionTable, rule } from './call.js';

const GEOGRAPHY: SnowflakeType = { name: 'GEOGRAPHY' };
const GEOMETRY: SnowflakeType = { name: 'GEOMETRY' };

interface Shape {
  readonly sql: string;
  readonly type: SnowflakeType;
  readonly plane: boolean;
}

/** An argument that is a GEOGRAPHY or a GEOMETRY. Throws 001044 for another type; NULL counts as a GEOGRAPHY. */
function shape(call: Call, i: number): Shape {
  const { type, sql } = call.arg(i);
  if (type.name === 'NULL') return { sql: 'CAST(NULL AS VARCHAR)', type: GEOGRAPHY, plane: false };
  if (type.name !== 'GEOGRAPHY' && type.name !== 'GEOMETRY') throw call.wrongTypes();
  return { sql: `CAST(${sql} AS VARCHAR)`, type, plane: type.name === 'GEOMETRY' };
}

/** Two shapes on one surface. */
function pair(call: Call): { readonly a: Shape; readonly b: Shape } {
  const [a, b] = [shape(call, 0), shape(call, 1)];
  if (a.plane !== b.plane && call.arg(0).type.name !== 'NULL' && call.arg(1).type.name !== 'NULL')
    throw call.wrongTypes();
  return { a: { ...a, plane: a.plane || b.plane }, b };
}

const shaped = (sql: string, type: SnowflakeType): Typed => typed(`CAST(${sql} AS JSON)`, type, true);

const toShape = (type: SnowflakeType, lenient = false): FunctionRule =>
  rule(1, 3, (call) => {
    const [second] = call.args(1);
    const srid = type.name === 'GEOMETRY' && second?.type.name === 'FIXED' ? call.integer(1) : undefined;
    return geoFrom(call.arg(0), type, lenient, srid);
  });

/** A text of one's own format, as such: ST_GEOGRAPHYFROMWKT and its kin. */
const fromText = (type: SnowflakeType): FunctionRule =>
  rule(1, 3, (call) => geoFrom(typed(asText(call.arg(0)), TEXT, true), type));

const makePoint = (type: SnowflakeType): FunctionRule =>
  rule(2, 2, (call) => {
    const [x, y] = [call.real(0), call.real(1)];
    const json = `CASE WHEN ${x} IS NOT NULL AND ${y} IS NOT NULL THEN CAST(json_object('coordinates', [${x}, ${y}], 'type', 'Point') AS VARCHAR) END`;
    return shaped(geoCall('text', 'point', json, type.name === 'GEOMETRY'), type);
  });

const number = (operation: string): FunctionRule =>
  rule(1, 1, (call) => {
    const { sql, plane } = shape(call, 0);
    return typed(geoCall('number', operation, sql, plane), REAL, true);
  });

const whole = (operation: string): FunctionRule =>
  rule(1, 1, (call) => {
    const { sql, plane } = shape(call, 0);
    return typed(`CAST(${geoCall('number', operation, sql, plane)} AS ${duckdbTypeOf(INTEGER)})`, INTEGER, true);
  });

const between = (operation: string): FunctionRule =>
  rule(2, 2, (call) => {
    const { a, b } = pair(call);
    const of = geoCall('number', operation, a.sql, a.plane, { other: b.sql });
    return typed(`CASE WHEN ${b.sql} IS NOT NULL THEN ${of} END`, REAL, true);
  });

/** `swapped`: ST_WITHIN asks what ST_CONTAINS asks the other way round. */
const test = (operation: string, { swapped = false, negated = false } = {}): FunctionRule =>
  rule(2, 2, (call) => {
    const { a, b } = pair(call);
    const [one, other] = swapped ? [b, a] : [a, b];
    const of = geoCall('test', operation, one.sql, a.plane, { other: other.sql });
    const both = `CASE WHEN ${other.sql} IS NOT NULL THEN ${of} END`;
    return typed(negated ? `(NOT ${both})` : both, BOOLEAN, true);
  });

const derived = (operation: string): FunctionRule =>
  rule(1, 1, (call) => {
    const { sql, type, plane } = shape(call, 0);
    return shaped(geoCall('text', operation, sql, plane), type);
  });

const combined = (operation: string): FunctionRule =>
  rule(2, 2, (call) => {
    const { a, b } = pair(call);
    const of = geoCall('text', operation, a.sql, a.plane, { other: b.sql });
    return shaped(`CASE WHEN ${b.sql} IS NOT NULL THEN ${of} END`, a.plane ? GEOMETRY : GEOGRAPHY);
  });

const written = (operation: string): FunctionRule =>
  rule(1, 1, (call) => {
    const { sql, plane } = shape(call, 0);
    return typed(geoCall('text', operation, sql, plane), TEXT, true);
  });

const bytes = (operation: string): FunctionRule =>
  rule(1, 1, (call) => {
    const { sql, plane } = shape(call, 0);
    return typed(`unhex(${geoCall('text', operation, sql, plane)})`, BINARY, true);
  });

const near = rule(3, 3, (call) => {
  const { a, b } = pair(call);
  const of = geoCall('test', 'near', a.sql, a.plane, { other: b.sql, number: call.real(2) });
  return typed(`CASE WHEN ${b.sql} IS NOT NULL THEN ${of} END`, BOOLEAN, true);
});

/** Of one argument it is an aggregate. */
const collect = rule(1, 2, (call) => {
  if (call.count === 2) return combined('pair').emit(call);
  const { sql, type, plane } = shape(call, 0);
  const list = aggregate(call, 'list', [`CAST(${sql} AS JSON)`]);
  return shaped(geoCall('text', 'collect', `CAST(to_json(${list}) AS VARCHAR)`, plane), type);
});

const withSrid = rule(2, 2, (call) => {
  const { sql, plane } = shape(call, 0);
  if (!plane) throw call.wrongTypes();
  return shaped(geoCall('text', 'srid', sql, true, { number: call.integer(1) }), GEOMETRY);
});

const nth = rule(2, 2, (call) => {
  const { sql, type, plane } = shape(call, 0);
  return shaped(geoCall('text', 'nth', sql, plane, { number: call.integer(1) }), type);
});

const geohash = rule(1, 2, (call) => {
  const { sql, plane } = shape(call, 0);
  const characters = call.has(1) ? { number: call.integer(1) } : {};
  return typed(geoCall('text', 'geohash', sql, plane, characters), TEXT, true);
});

const fromGeohash = (type: SnowflakeType): FunctionRule =>
  rule(1, 2, (call) => shaped(geoCall('text', 'unhash', call.text(0), type.name === 'GEOMETRY'), type));

const geohashArea = (type: SnowflakeType): FunctionRule =>
  rule(1, 2, (call) => {
    const characters = call.has(1) ? { number: call.integer(1) } : {};
    return shaped(geoCall('text', 'unhash area', call.text(0), type.name === 'GEOMETRY', characters), type);
  });

const isValid = rule(1, 1, (call) => typed(`(${shape(call, 0).sql} IS NOT NULL)`, BOOLEAN, true));

/** What is computed of GEOGRAPHY (a sphere of Snowflake's radius) and GEOMETRY (a plane). */
export const GEOSPATIAL: FunctionTable = {
  TO_GEOGRAPHY: toShape(GEOGRAPHY),
  TRY_TO_GEOGRAPHY: toShape(GEOGRAPHY, true),
  TO_GEOMETRY: toShape(GEOMETRY),
  TRY_TO_GEOMETRY: toShape(GEOMETRY, true),
  ST_GEOGRAPHYFROMWKT: fromText(GEOGRAPHY),
  ST_GEOGFROMWKT: fromText(GEOGRAPHY),
  ST_GEOGRAPHYFROMTEXT: fromText(GEOGRAPHY),
  ST_GEOGFROMTEXT: fromText(GEOGRAPHY),
  ST_GEOGRAPHYFROMWKB: toShape(GEOGRAPHY),
  ST_GEOGFROMWKB: toShape(GEOGRAPHY),
  ST_GEOGRAPHYFROMEWKT: fromText(GEOGRAPHY),
  ST_GEOGFROMEWKT: fromText(GEOGRAPHY),
  ST_GEOGRAPHYFROMEWKB: toShape(GEOGRAPHY),
  ST_GEOGFROMEWKB: toShape(GEOGRAPHY),
  ST_GEOMETRYFROMEWKT: toShape(GEOMETRY),
  ST_GEOMFROMEWKT: toShape(GEOMETRY),
  ST_GEOMETRYFROMEWKB: toShape(GEOMETRY),
  ST_GEOMFROMEWKB: toShape(GEOMETRY),
  ST_GEOMETRYFROMWKT: toShape(GEOMETRY),
  ST_GEOMFROMWKT: toShape(GEOMETRY),
  ST_GEOMETRYFROMTEXT: toShape(GEOMETRY),
  ST_GEOMFROMTEXT: toShape(GEOMETRY),
  ST_GEOMETRYFROMWKB: toShape(GEOMETRY),
  ST_GEOMFROMWKB: toShape(GEOMETRY),
  ST_MAKEPOINT: makePoint(GEOGRAPHY),
  ST_POINT: makePoint(GEOGRAPHY),
  ST_MAKEGEOMPOINT: makePoint(GEOMETRY),
  ST_GEOM_POINT: makePoint(GEOMETRY),
  ST_MAKELINE: combined('line'),
  ST_MAKEPOLYGON: derived('polygon'),
  ST_POLYGON: derived('polygon'),
  ST_COLLECT: collect,
  ST_GEOGFROMGEOHASH: geohashArea(GEOGRAPHY),
  ST_GEOMFROMGEOHASH: geohashArea(GEOMETRY),
  ST_GEOGPOINTFROMGEOHASH: fromGeohash(GEOGRAPHY),
  ST_GEOMPOINTFROMGEOHASH: fromGeohash(GEOMETRY),
  ST_GEOHASH: geohash,
  ST_ASGEOJSON: rule(1, 1, (call) => typed(`CAST(${shape(call, 0).sql} AS JSON)`, OBJECT, true)),
  ST_ASWKT: written('wkt'),
  ST_ASTEXT: written('wkt'),
  ST_ASEWKT: written('ewkt'),
  ST_ASWKB: bytes('wkb'),
  ST_ASBINARY: bytes('wkb'),
  ST_ASEWKB: bytes('ewkb'),
  ST_X: number('x'),
  ST_Y: number('y'),
  ST_XMIN: number('xmin'),
  ST_XMAX: number('xmax'),
  ST_YMIN: number('ymin'),
  ST_YMAX: number('ymax'),
  ST_AREA: number('area'),
  ST_LENGTH: number('length'),
  ST_PERIMETER: number('perimeter'),
  ST_DISTANCE: between('distance'),
  ST_AZIMUTH: between('azimuth'),
  ST_DIMENSION: whole('dimension'),
  ST_NPOINTS: whole('points'),
  ST_NUMPOINTS: whole('points'),
  ST_SRID: whole('srid'),
  ST_SETSRID: withSrid,
  ST_CENTROID: derived('centroid'),
  ST_ENVELOPE: derived('envelope'),
  ST_STARTPOINT: derived('start'),
  ST_ENDPOINT: derived('end'),
  ST_POINTN: nth,
  ST_ISVALID: isValid,
  ST_CONTAINS: test('contains'),
  ST_WITHIN: test('contains', { swapped: true }),
  ST_COVERS: test('covers'),
  ST_COVEREDBY: test('covers', { swapped: true }),
  ST_INTERSECTS: test('intersects'),
  ST_DISJOINT: test('intersects', { negated: true }),
  ST_DWITHIN: near,
};
