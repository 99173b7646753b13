import { type Parts, type Polygon, type Position, partsOf, type Shape } from './shape.js';
import { type Edge, edgesOf, type Surface } from './surface.js';

/** Where a point lies, seen from a polygon. */
type Side = 'inside' | 'on' | 'outside';

function sideOf(surface: Surface, p: Position, polygon: Polygon): Side {
  const on = polygon.some((ring) => edgesOf(ring).some(([a, b]) => surface.toEdge(p, a, b) <= surface.tolerance));
  if (on) return 'on';
  const [outer = [], ...holes] = polygon;
  return surface.inRing(p, outer) && !holes.some((hole) => surface.inRing(p, hole)) ? 'inside' : 'outside';
}

function edges({ lines, polygons }: Parts): Edge[] {
  return [...lines, ...polygons.flat()].flatMap(edgesOf);
}

/** Whether two edges cross, and do not only touch or lie on each other: there computing with doubles may answer either. */
function cross(surface: Surface, [p, q]: Edge, [r, s]: Edge): boolean {
  if (!surface.crosses(p, q, r, s)) return false;
  const touch = (x: Position, [a, b]: Edge): boolean => surface.toEdge(x, a, b) <= surface.tolerance;
  return ![p, q].some((x) => touch(x, [r, s])) && ![r, s].some((x) => touch(x, [p, q]));
}

function vertices({ points, lines, polygons }: Parts): Position[] {
  return [...points, ...lines.flat(), ...polygons.flat(2)];
}

/** The shortest way from one shape to another; 0 where they meet, undefined where one is empty. */
export function distanceBetween(surface: Surface, one: Shape, other: Shape): number | undefined {
  const [a, b] = [partsOf(one), partsOf(other)];
  const [verticesA, verticesB] = [vertices(a), vertices(b)];
  if (verticesA.length === 0 || verticesB.length === 0) return undefined;
  const touches = (points: readonly Position[], { polygons }: Parts): boolean =>
    polygons.some((polygon) => points.some((p) => sideOf(surface, p, polygon) !== 'outside'));
  if (touches(verticesA, b) || touches(verticesB, a)) return 0;
  const [edgesA, edgesB] = [edges(a), edges(b)];
  if (edgesA.some((edge) => edgesB.some((other) => cross(surface, edge, other)))) return 0;
  let least = Number.POSITIVE_INFINITY;
  const near = (points: readonly Position[], others: Parts, otherEdges: readonly Edge[]): void => {
    for (const p of points) {
      for (const q of others.points) least = Math.min(least, surface.distance(p, q));
      for (const [q, r] of otherEdges) least = Math.min(least, surface.toEdge(p, q, r));
    }
  };
  near(verticesA, b, edgesB);
  near(verticesB, a, edgesA);
  return least <= surface.tolerance ? 0 : least;
}

export function intersects(surface: Surface, one: Shape, other: Shape): boolean {
  return distanceBetween(surface, one, other) === 0;
}

/** Whether no point of the second shape is outside the first. */
export function covers(surface: Surface, one: Shape, other: Shape): boolean {
  const [a, b] = [partsOf(one), partsOf(other)];
  if (vertices(b).length === 0) return false;
  return (
    b.points.every((p) => coversPoint(surface, p, a)) &&
    b.lines.every((line) => coversLine(surface, line, a)) &&
    b.polygons.every((polygon) => a.polygons.some((outer) => coversPolygon(surface, polygon, outer)))
  );
}

/** Whether the first shape covers the second and more than their borders meet. */
export function contains(surface: Surface, one: Shape, other: Shape): boolean {
  if (!covers(surface, one, other)) return false;
  const [a, b] = [partsOf(one), partsOf(other)];
  if (b.polygons.length > 0) return true;
  const middles = b.lines.flatMap(edgesOf).map(([p, q]) => surface.middle(p, q));
  const candidates = [...b.points, ...b.lines.flat(), ...middles];
  if (a.polygons.some((polygon) => candidates.some((p) => sideOf(surface, p, polygon) === 'inside'))) return true;
  if (a.lines.length > 0) return b.lines.length > 0 || b.points.some((p) => !a.lines.some((line) => isEnd(p, line)));
  return a.points.length > 0;
}

function isEnd(p: Position, line: readonly Position[]): boolean {
  const [first, last] = [line[0], line.at(-1)];
  const closed = first?.[0] === last?.[0] && first?.[1] === last?.[1];
  return !closed && [first, last].some((end) => end?.[0] === p[0] && end[1] === p[1]);
}

function coversPoint(surface: Surface, p: Position, a: Parts): boolean {
  return (
    a.polygons.some((polygon) => sideOf(surface, p, polygon) !== 'outside') ||
    a.lines.some((line) => edgesOf(line).some(([q, r]) => surface.toEdge(p, q, r) <= surface.tolerance)) ||
    a.points.some((q) => surface.distance(p, q) <= surface.tolerance)
  );
}

function coversLine(surface: Surface, line: readonly Position[], a: Parts): boolean {
  const inPolygon = a.polygons.some((polygon) => staysIn(surface, line, polygon));
  if (inPolygon) return true;
  const samples = [...line, ...edgesOf(line).map(([p, q]) => surface.middle(p, q))];
  return samples.every((p) => coversPoint(surface, p, { ...a, points: [], polygons: [] }));
}

/** Whether a line never leaves a polygon: it crosses no ring, and neither its vertices nor the middles between them are outside. */
function staysIn(surface: Surface, line: readonly Position[], polygon: Polygon): boolean {
  const rings = polygon.flatMap(edgesOf);
  return edgesOf(line).every(([p, q]) => {
    if (rings.some((ring) => cross(surface, [p, q], ring))) return false;
    // Between the places where it touches a ring an edge is inside or outside as a whole.
    const touched = rings.map(([r]) => r).filter((r) => surface.toEdge(r, p, q) <= surface.tolerance);
    const stops = [p, ...touched, q].sort((x, y) => surface.distance(p, x) - surface.distance(p, y));
    const between = edgesOf(stops).map(([x, y]) => surface.middle(x, y));
    return [...stops, ...between].every((x) => sideOf(surface, x, polygon) !== 'outside');
  });
}

function coversPolygon(surface: Surface, polygon: Polygon, outer: Polygon): boolean {
  if (!polygon.every((ring) => staysIn(surface, ring, outer))) return false;
  const holes = outer.slice(1);
  return !holes.some((hole) => hole.some((p) => sideOf(surface, p, polygon) === 'inside'));
}
