import { GeoError, type Position, partsOf, positionsOf, type Shape } from './shape.js';

/**
 * The shape, if it can be: lines of two points and more, rings that are closed, and on the sphere longitudes from -180 to 180 and
 * latitudes from -90 to 90. Throws `GeoError` 100217.
 */
export function validated(shape: Shape, plane: boolean): Shape {
  const kind = plane ? 'Geometry' : 'Geography';
  const { lines, polygons } = partsOf(shape);
  if (lines.some((line) => line.length < 2)) throw invalid(kind, 'a LineString has at least two points');
  for (const ring of polygons.flat()) {
    if (ring.length < 4) throw invalid(kind, 'a Polygon has at least three points and the first one again');
    if (!same(ring[0], ring.at(-1))) throw invalid(kind, 'the loop of a Polygon is not closed');
  }
  if (plane) return shape;
  for (const [longitude, latitude] of positionsOf(shape)) {
    if (Math.abs(longitude) > 180 || Math.abs(latitude) > 90)
      throw new GeoError('100217', `Invalid Lng/Lat pair: ${longitude},${latitude}`);
  }
  return shape;
}

function same(a: Position | undefined, b: Position | undefined): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1];
}

function invalid(kind: string, why: string): GeoError {
  return new GeoError('100217', `${kind} validation failed: ${why}`);
}
