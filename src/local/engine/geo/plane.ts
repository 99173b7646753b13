import type { Parts, Polygon, Position } from './shape.js';
import { edgesOf, type Surface } from './surface.js';

/** Twice the signed area of a triangle; positive where `c` lies to the left of the way from `a` to `b`. */
const turn = (a: Position, b: Position, c: Position): number =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

const distance = (a: Position, b: Position): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

function toEdge(p: Position, a: Position, b: Position): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const square = dx * dx + dy * dy;
  const share = square === 0 ? 0 : ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square;
  const t = Math.min(1, Math.max(0, share));
  return distance(p, [a[0] + t * dx, a[1] + t * dy]);
}

interface Weighted {
  readonly weight: number;
  readonly x: number;
  readonly y: number;
}

const NOTHING: Weighted = { weight: 0, x: 0, y: 0 };
const sum = (a: Weighted, b: Weighted, sign = 1): Weighted => ({
  weight: a.weight + sign * b.weight,
  x: a.x + sign * b.x,
  y: a.y + sign * b.y,
});

function ofRing(ring: readonly Position[]): Weighted {
  const origin = ring[0];
  if (origin === undefined) return NOTHING;
  const whole = edgesOf(ring).reduce((total, [a, b]) => {
    const weight = turn(origin, a, b) / 2;
    const x = (weight * (origin[0] + a[0] + b[0])) / 3;
    const y = (weight * (origin[1] + a[1] + b[1])) / 3;
    return sum(total, { weight, x, y });
  }, NOTHING);
  return whole.weight < 0 ? sum(NOTHING, whole, -1) : whole;
}

function ofPolygon([outer = [], ...holes]: Polygon): Weighted {
  return holes.reduce((total, hole) => sum(total, ofRing(hole), -1), ofRing(outer));
}

function ofLine(line: readonly Position[]): Weighted {
  return edgesOf(line).reduce((total, [a, b]) => {
    const weight = distance(a, b);
    return sum(total, { weight, x: (weight * (a[0] + b[0])) / 2, y: (weight * (a[1] + b[1])) / 2 });
  }, NOTHING);
}

/** The plane of GEOMETRY, in the unit of its coordinates. */
export const PLANE: Surface = {
  tolerance: 1e-12,
  distance,
  toEdge,
  crosses: (a, b, c, d) => turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0,
  inRing(p, ring) {
    const crossed = edgesOf(ring).filter(([a, b]) => {
      if (a[1] > p[1] === b[1] > p[1]) return false;
      return p[0] < a[0] + ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]);
    });
    return crossed.length % 2 === 1;
  },
  middle: (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
  area: (ring) => ofRing(ring).weight,
  centroid({ points, lines, polygons }: Parts) {
    const weighted =
      polygons.length > 0
        ? polygons.map(ofPolygon)
        : lines.length > 0
          ? lines.map(ofLine)
          : points.map(([x, y]) => ({ weight: 1, x, y }));
    const { weight, x, y } = weighted.reduce((total, one) => sum(total, one), NOTHING);
    return weight === 0 ? undefined : [x / weight, y / weight];
  },
};
