import { GeoError, type Position, type Shape } from './shape.js';

/** Depth of arrays around a position, by type. */
const DEPTH = { Point: 0, LineString: 1, MultiPoint: 1, Polygon: 2, MultiLineString: 2, MultiPolygon: 3 } as const;

/** The shape as GeoJSON without blanks, keys in alphabetical order, as DuckDB keeps it. */
export function geoJsonOf(shape: Shape): string {
  return JSON.stringify(sorted(shape));
}

function sorted(shape: Shape): Readonly<Record<string, unknown>> {
  const crs = shape.srid === undefined ? {} : { crs: { properties: { name: `EPSG:${shape.srid}` }, type: 'name' } };
  if (shape.type === 'GeometryCollection')
    return { ...crs, geometries: shape.geometries.map(sorted), type: shape.type };
  return { coordinates: shape.coordinates, ...crs, type: shape.type };
}

/** Reads GeoJSON that `geoJsonOf` wrote. */
export function knownGeoJson(text: string): Shape {
  return withSrid(JSON.parse(text) as Shape & Readonly<Record<string, unknown>>);
}

/** Reads anybody's GeoJSON. Throws `GeoError`. */
export function parseGeoJson(text: string): Shape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(text);
  }
  return shapeOf(value, text);
}

function shapeOf(value: unknown, text: string): Shape {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(text);
  const { type, coordinates, geometries, geometry, features, ...rest } = value as Readonly<Record<string, unknown>>;
  // What a feature says beside its geometry is not kept.
  if (type === 'Feature') return shapeOf(geometry, text);
  if (type === 'FeatureCollection' && Array.isArray(features))
    return { type: 'GeometryCollection', geometries: features.map((item) => shapeOf(item, text)) };
  if (type === 'GeometryCollection' && Array.isArray(geometries))
    return withSrid({ ...rest, type, geometries: geometries.map((item) => shapeOf(item, text)) });
  const depth = typeof type === 'string' && type in DEPTH ? DEPTH[type as keyof typeof DEPTH] : undefined;
  if (depth === undefined || !isNested(coordinates, depth)) throw unreadable(text);
  return withSrid({ ...rest, type, coordinates } as Shape & Readonly<Record<string, unknown>>);
}

/** The shape alone, with the identifier of its reference system where one is told. */
function withSrid(given: Shape & Readonly<Record<string, unknown>>): Shape {
  const { crs } = given as { crs?: { properties?: { name?: unknown } } };
  const srid = /(\d+)$/.exec(String(crs?.properties?.name ?? ''))?.[1];
  const shape: Shape =
    given.type === 'GeometryCollection'
      ? { type: given.type, geometries: given.geometries.map((item) => withSrid(item as typeof given)) }
      : ({ type: given.type, coordinates: given.coordinates } as Shape);
  return srid === undefined ? shape : { ...shape, srid: Number(srid) };
}

function isNested(value: unknown, depth: number): value is Position {
  if (!Array.isArray(value)) return false;
  if (depth > 0) return value.every((item) => isNested(item, depth - 1));
  return value.length >= 2 && value.every((item) => typeof item === 'number' && Number.isFinite(item));
}

/** 100205: no format that is known. */
export function unreadable(text: string): GeoError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return new GeoError(
    '100205',
    `Error parsing Geo input: ${shown}. Did not recognize valid GeoJSON, (E)WKT or (E)WKB.`,
  );
}
