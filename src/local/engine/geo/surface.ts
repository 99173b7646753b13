import type { Parts, Polygon, Position } from './shape.js';

/** Where shapes lie: the sphere of GEOGRAPHY or the plane of GEOMETRY. Lengths are in the surface's own unit. */
export interface Surface {
  /** Distances below this are none: what computing with doubles leaves. */
  readonly tolerance: number;
  distance(a: Position, b: Position): number;
  /** From a point to the nearest of an edge. */
  toEdge(p: Position, a: Position, b: Position): number;
  /** Whether two edges cross within both. */
  crosses(a: Position, b: Position, c: Position, d: Position): boolean;
  /** Whether a point lies inside a closed ring; on the ring itself either is answered. */
  inRing(p: Position, ring: readonly Position[]): boolean;
  middle(a: Position, b: Position): Position;
  /** Of a ring, never negative. */
  area(ring: readonly Position[]): number;
  /** Of points, or of lines, or of polygons: of the highest dimension that is there. Undefined for nothing. */
  centroid(parts: Parts): Position | undefined;
}

export type Edge = readonly [a: Position, b: Position];

export function edgesOf(positions: readonly Position[]): Edge[] {
  return positions.slice(1).map((b, i): Edge => [positions[i] as Position, b]);
}

export function lengthOf(surface: Surface, positions: readonly Position[]): number {
  return edgesOf(positions).reduce((sum, [a, b]) => sum + surface.distance(a, b), 0);
}

/** The outer ring's area without the holes'. */
export function areaOf(surface: Surface, [outer = [], ...holes]: Polygon): number {
  return holes.reduce((sum, hole) => sum - surface.area(hole), surface.area(outer));
}
