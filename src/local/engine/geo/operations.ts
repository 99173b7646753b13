import { type Bounds, cornerBounds, sphereBounds } from './bounds.js';
import { commonGeohash, geohashCentre, geohashRing } from './geohash.js';
import { geoJsonOf, knownGeoJson, parseGeoJson } from './geojson.js';
import { PLANE } from './plane.js';
import { contains, covers, distanceBetween, intersects } from './relations.js';
import { dimensionOf, GeoError, type Position, partsOf, positionsOf, type Shape } from './shape.js';
import { azimuth, SPHERE } from './sphere.js';
import { areaOf, lengthOf, type Surface } from './surface.js';
import { validated } from './valid.js';
import { parseWkb, wkbOf } from './wkb.js';
import { parseWkt, wktOf } from './wkt.js';

/** One or two shapes (as GeoJSON), a number, and whether they lie in the plane. */
export interface GeoInput {
  readonly a: string;
  readonly b: string | null;
  readonly n: number | null;
  readonly plane: boolean;
}

type Operation<T> = (input: GeoInput) => T | null;

const GEOGRAPHY_SRID = 4326;
const surfaceOf = ({ plane }: GeoInput): Surface => (plane ? PLANE : SPHERE);
const first = ({ a }: GeoInput): Shape => knownGeoJson(a);
const second = ({ b }: GeoInput): Shape => knownGeoJson(b ?? '');
const sridOf = (input: GeoInput): number => (input.plane ? (first(input).srid ?? 0) : GEOGRAPHY_SRID);

/** Any of the formats that TO_GEOGRAPHY takes. Throws `GeoError`. */
function read({ a, n, plane }: GeoInput): string {
  const text = a.trim();
  const parse = text.startsWith('{') ? parseGeoJson : /^(?:[0-9a-f]{2})+$/i.test(text) ? parseWkb : parseWkt;
  const { srid, ...shape } = parse(text);
  if (!plane && (srid ?? GEOGRAPHY_SRID) !== GEOGRAPHY_SRID)
    throw new GeoError('100218', `Unsupported SRID ${srid}: GEOGRAPHY is in 4326`);
  const told = n ?? srid ?? 0;
  return geoJsonOf(validated(plane && told !== 0 ? { ...shape, srid: told } : shape, plane));
}

function pointOf(input: GeoInput): Position {
  const shape = first(input);
  if (shape.type !== 'Point') throw new GeoError('100216', `Expected a Point, got ${shape.type}`);
  return shape.coordinates;
}

function lineOf(input: GeoInput): readonly Position[] {
  const shape = first(input);
  if (shape.type !== 'LineString') throw new GeoError('100216', `Expected a LineString, got ${shape.type}`);
  return shape.coordinates;
}

/** The shape in the reference system of the first. */
function like(input: GeoInput, shape: Shape): string {
  const srid = input.plane ? first(input).srid : undefined;
  return geoJsonOf(srid === undefined ? shape : { ...shape, srid });
}

function point(input: GeoInput, coordinates: Position | undefined): string | null {
  return coordinates === undefined ? null : like(input, { type: 'Point', coordinates });
}

/** The points of points and lines, in order. */
function joined(...shapes: readonly Shape[]): Position[] {
  return shapes.flatMap((shape) => {
    if (shape.type === 'Point') return [shape.coordinates];
    if (shape.type === 'LineString' || shape.type === 'MultiPoint') return [...shape.coordinates];
    throw new GeoError('100216', `Expected a Point, MultiPoint or LineString, got ${shape.type}`);
  });
}

function ringOf(input: GeoInput): string {
  const ring = lineOf(input);
  return geoJsonOf(validated(JSON.parse(like(input, { type: 'Polygon', coordinates: [ring] })), input.plane));
}

/** Shapes of one kind as a Multi shape, others as a collection. */
function collected(shapes: readonly Shape[]): Shape {
  const kinds = new Set(shapes.map(({ type }) => type));
  const [kind] = kinds;
  if (kinds.size === 1 && (kind === 'Point' || kind === 'LineString' || kind === 'Polygon')) {
    const coordinates = shapes.map((shape) => ('coordinates' in shape ? shape.coordinates : []));
    return { type: `Multi${kind}`, coordinates } as Shape;
  }
  return { type: 'GeometryCollection', geometries: shapes };
}

function extent(input: GeoInput, side: keyof Bounds): number | null {
  const bounds = (input.plane ? cornerBounds : sphereBounds)(first(input));
  return bounds?.[side] ?? null;
}

function envelope(input: GeoInput): string | null {
  const bounds = cornerBounds(first(input));
  if (bounds === undefined) return null;
  const { xmin: west, ymin: south, xmax: east, ymax: north } = bounds;
  if (west === east)
    return like(
      input,
      south === north
        ? { type: 'Point', coordinates: [west, south] }
        : {
            type: 'LineString',
            coordinates: [
              [west, south],
              [east, north],
            ],
          },
    );
  const ring: Position[] = [[west, south], [east, south], [east, north], [west, north], [west, south]]; // biome-ignore format: a ring
  return like(input, { type: 'Polygon', coordinates: [ring] });
}

function nth(input: GeoInput, index: number): string | null {
  const line = lineOf(input);
  const at = index < 0 ? line.length + index : index - 1;
  if (index === 0 || line[at] === undefined) throw new GeoError('100216', `Index ${index} is out of bounds`);
  return point(input, line[at]);
}

/** What gives a shape (as GeoJSON) or a text. */
export const TEXTS: Readonly<Record<string, Operation<string>>> = {
  read,
  'try read': (input) => {
    try {
      return read(input);
    } catch (error) {
      if (error instanceof GeoError) return null;
      throw error;
    }
  },
  wkt: (input) => wktOf(first(input)),
  ewkt: (input) => wktOf(first(input), sridOf(input)),
  wkb: (input) => wkbOf(first(input)),
  ewkb: (input) => wkbOf(first(input), sridOf(input)),
  point: (input) => geoJsonOf(validated(JSON.parse(input.a) as Shape, input.plane)),
  line: (input) => like(input, { type: 'LineString', coordinates: joined(first(input), second(input)) }),
  polygon: ringOf,
  centroid: (input) => point(input, surfaceOf(input).centroid(partsOf(first(input)))),
  start: (input) => point(input, lineOf(input)[0]),
  end: (input) => point(input, lineOf(input).at(-1)),
  nth: (input) => nth(input, input.n ?? 0),
  envelope,
  srid: (input) => geoJsonOf({ ...first(input), srid: input.n ?? 0 }),
  pair: (input) => like(input, collected([first(input), second(input)])),
  collect: ({ a }) => {
    const shapes = (JSON.parse(a) as readonly (object | null)[]).filter((item) => item !== null);
    return shapes.length === 0 ? null : geoJsonOf(collected(shapes.map((item) => knownGeoJson(JSON.stringify(item)))));
  },
  geohash: (input) => {
    const places = positionsOf(first(input));
    return places.length === 0 ? null : commonGeohash(places, Math.min(20, Math.max(1, input.n ?? 20)));
  },
  'unhash area': ({ a, n }) => geoJsonOf({ type: 'Polygon', coordinates: [geohashRing(a.slice(0, n ?? 20))] }),
  unhash: ({ a }) => geoJsonOf({ type: 'Point', coordinates: geohashCentre(a) }),
};

export const NUMBERS: Readonly<Record<string, Operation<number>>> = {
  distance: (input) => distanceBetween(surfaceOf(input), first(input), second(input)) ?? null,
  length: (input) => partsOf(first(input)).lines.reduce((sum, line) => sum + lengthOf(surfaceOf(input), line), 0),
  perimeter: (input) =>
    partsOf(first(input))
      .polygons.flat()
      .reduce((sum, ring) => sum + lengthOf(surfaceOf(input), ring), 0),
  area: (input) => partsOf(first(input)).polygons.reduce((sum, item) => sum + areaOf(surfaceOf(input), item), 0),
  x: (input) => pointOf(input)[0],
  y: (input) => pointOf(input)[1],
  xmin: (input) => extent(input, 'xmin'),
  xmax: (input) => extent(input, 'xmax'),
  ymin: (input) => extent(input, 'ymin'),
  ymax: (input) => extent(input, 'ymax'),
  azimuth: (input) => {
    const [from, to] = [pointOf(input), pointOf({ ...input, a: input.b ?? '' })];
    if (!input.plane) return azimuth(from, to) ?? null;
    const direction = Math.atan2(to[0] - from[0], to[1] - from[1]);
    if (from[0] === to[0] && from[1] === to[1]) return null;
    return direction < 0 ? direction + 2 * Math.PI : direction;
  },
  points: (input) => positionsOf(first(input)).length,
  dimension: (input) => dimensionOf(first(input)),
  srid: sridOf,
};

export const TESTS: Readonly<Record<string, Operation<boolean>>> = {
  contains: (input) => contains(surfaceOf(input), first(input), second(input)),
  covers: (input) => covers(surfaceOf(input), first(input), second(input)),
  intersects: (input) => intersects(surfaceOf(input), first(input), second(input)),
  near: (input) => {
    const distance = distanceBetween(surfaceOf(input), first(input), second(input));
    return distance === undefined || input.n === null ? null : distance <= input.n;
  },
};
