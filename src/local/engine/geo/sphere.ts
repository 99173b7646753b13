import type { Parts, Polygon, Position } from './shape.js';
import { edgesOf, type Surface } from './surface.js';

/** Metres: the radius by which Snowflake computes distances of GEOGRAPHY. */
export const EARTH_RADIUS = 6_371_010;

type Vector = readonly [x: number, y: number, z: number];

const ZERO: Vector = [0, 0, 0];
const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (value: number): number => (value * 180) / Math.PI;
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const times = (a: Vector, n: number): Vector => [a[0] * n, a[1] * n, a[2] * n];
const norm = (a: Vector): number => Math.hypot(...a);
const unit = (a: Vector): Vector => (norm(a) === 0 ? a : times(a, 1 / norm(a)));

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function vectorOf([longitude, latitude]: Position): Vector {
  const height = Math.cos(radians(latitude));
  return [height * Math.cos(radians(longitude)), height * Math.sin(radians(longitude)), Math.sin(radians(latitude))];
}

function positionOf(vector: Vector): Position {
  return [degrees(Math.atan2(vector[1], vector[0])), degrees(Math.atan2(vector[2], Math.hypot(vector[0], vector[1])))];
}

const angle = (a: Vector, b: Vector): number => Math.atan2(norm(cross(a, b)), dot(a, b));

function angleToEdge(p: Vector, a: Vector, b: Vector): number {
  const normal = cross(a, b);
  const ends = Math.min(angle(p, a), angle(p, b));
  if (norm(normal) === 0) return ends;
  const foot = cross(normal, cross(p, normal));
  const within = dot(cross(a, foot), normal) >= 0 && dot(cross(foot, b), normal) >= 0;
  return within ? Math.min(ends, Math.abs(Math.asin(Math.min(1, Math.abs(dot(p, unit(normal))))))) : ends;
}

function cross4(a: Vector, b: Vector, c: Vector, d: Vector): boolean {
  const ab = cross(a, b);
  const cd = cross(c, d);
  const acb = -dot(ab, c);
  const bda = dot(ab, d);
  if (acb * bda <= 0) return false;
  return acb * -dot(cd, b) > 0 && acb * dot(cd, a) > 0;
}

/** Signed solid angle of a triangle (Van Oosterom and Strackee). */
function excess(a: Vector, b: Vector, c: Vector): number {
  return 2 * Math.atan2(dot(a, cross(b, c)), 1 + dot(a, b) + dot(b, c) + dot(c, a));
}

function ringExcess(ring: readonly Position[]): number {
  const vectors = ring.map(vectorOf);
  const [first = ZERO, ...rest] = vectors;
  return rest.slice(1).reduce((sum, b, i) => sum + excess(first, rest[i] as Vector, b), 0);
}

/** The integral of the position over a ring's inside: half the sum of its edges' angles along their normals. */
function momentOf(ring: readonly Position[]): Vector {
  const sum = edgesOf(ring).reduce((total, [from, to]) => {
    const [a, b] = [vectorOf(from), vectorOf(to)];
    return plus(total, times(unit(cross(a, b)), angle(a, b) / 2));
  }, ZERO);
  return ringExcess(ring) < 0 ? times(sum, -1) : sum;
}

function polygonMoment([outer = [], ...holes]: Polygon): Vector {
  return holes.reduce((sum, hole) => plus(sum, times(momentOf(hole), -1)), momentOf(outer));
}

function lineMoment(line: readonly Position[]): Vector {
  return edgesOf(line).reduce((total, [from, to]) => {
    const [a, b] = [vectorOf(from), vectorOf(to)];
    return plus(total, times(unit(plus(a, b)), 2 * Math.sin(angle(a, b) / 2)));
  }, ZERO);
}

/** A place that is surely outside a ring of less than half the sphere, and not opposite to what is inside. */
function outsideOf(vectors: readonly Vector[]): Vector {
  const towards = unit(vectors.reduce(plus, ZERO));
  const aside = unit(cross(towards, Math.abs(towards[2]) < 0.9 ? [0.0731, 0.0419, 0.9964] : [0.9964, 0.0731, 0.0419]));
  return unit(plus(times(towards, -1), times(aside, 0.137)));
}

/** The sphere of GEOGRAPHY: edges are arcs of great circles, lengths in metres. */
export const SPHERE: Surface = {
  tolerance: 1e-7,
  distance: (a, b) => EARTH_RADIUS * angle(vectorOf(a), vectorOf(b)),
  toEdge: (p, a, b) => EARTH_RADIUS * angleToEdge(vectorOf(p), vectorOf(a), vectorOf(b)),
  crosses: (a, b, c, d) => cross4(vectorOf(a), vectorOf(b), vectorOf(c), vectorOf(d)),
  inRing(p, ring) {
    const vectors = ring.map(vectorOf);
    const [point, outside] = [vectorOf(p), outsideOf(vectors.slice(1))];
    const crossed = vectors.slice(1).filter((b, i) => cross4(point, outside, vectors[i] as Vector, b));
    return crossed.length % 2 === 1;
  },
  middle: (a, b) => positionOf(plus(vectorOf(a), vectorOf(b))),
  area: (ring) => EARTH_RADIUS * EARTH_RADIUS * Math.abs(ringExcess(ring)),
  centroid({ points, lines, polygons }: Parts) {
    const moments =
      polygons.length > 0
        ? polygons.map(polygonMoment)
        : lines.length > 0
          ? lines.map(lineMoment)
          : points.map(vectorOf);
    const sum = moments.reduce(plus, ZERO);
    return norm(sum) === 0 ? undefined : positionOf(sum);
  },
};

/** The highest latitude on the arc between two points, in degrees. */
export function northernmost(from: Position, to: Position): number {
  const [a, b] = [vectorOf(from), vectorOf(to)];
  const ends = Math.max(from[1], to[1]);
  const normal = cross(a, b);
  const top = cross(normal, cross([0, 0, 1], normal));
  if (norm(normal) === 0 || norm(top) === 0) return ends;
  const within = dot(cross(a, top), normal) > 0 && dot(cross(top, b), normal) > 0;
  return within ? Math.max(ends, positionOf(top)[1]) : ends;
}

/** The direction from one point to another, in radians clockwise from north. */
export function azimuth(from: Position, to: Position): number | undefined {
  const [lon1, lat1, lon2, lat2] = [from[0], from[1], to[0], to[1]].map(radians) as [number, number, number, number];
  const east = Math.sin(lon2 - lon1) * Math.cos(lat2);
  const north = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(lon2 - lon1);
  if (east === 0 && north === 0) return undefined;
  const direction = Math.atan2(east, north);
  return direction < 0 ? direction + 2 * Math.PI : direction;
}
