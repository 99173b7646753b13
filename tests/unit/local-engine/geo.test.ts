import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geoJsonOf, knownGeoJson } from '../../../src/local/engine/geo/geojson.js';
import { PLANE } from '../../../src/local/engine/geo/plane.js';
import { contains, covers, distanceBetween, intersects } from '../../../src/local/engine/geo/relations.js';
import type { Position, Shape } from '../../../src/local/engine/geo/shape.js';
import { EARTH_RADIUS, SPHERE } from '../../../src/local/engine/geo/sphere.js';
import { parseWkb, wkbOf } from '../../../src/local/engine/geo/wkb.js';
import { parseWkt, wktOf } from '../../../src/local/engine/geo/wkt.js';

const thousandths = (limit: number): fc.Arbitrary<number> =>
  fc.integer({ min: -limit * 1000, max: limit * 1000 }).map((n) => (n === 0 ? 0 : n / 1000));
const position = fc.tuple(thousandths(180), thousandths(90)) as fc.Arbitrary<Position>;
const line = fc.array(position, { minLength: 2, maxLength: 5 });
const ring = fc.array(position, { minLength: 3, maxLength: 5 }).map((open) => [...open, open[0] as Position]);
const polygon = fc.array(ring, { minLength: 1, maxLength: 2 });
const single = fc.oneof(
  position.map((coordinates): Shape => ({ type: 'Point', coordinates })),
  line.map((coordinates): Shape => ({ type: 'LineString', coordinates })),
  line.map((coordinates): Shape => ({ type: 'MultiPoint', coordinates })),
  polygon.map((coordinates): Shape => ({ type: 'Polygon', coordinates })),
  fc
    .array(line, { minLength: 1, maxLength: 3 })
    .map((coordinates): Shape => ({ type: 'MultiLineString', coordinates })),
  fc
    .array(polygon, { minLength: 1, maxLength: 2 })
    .map((coordinates): Shape => ({ type: 'MultiPolygon', coordinates })),
);
const shape = fc.oneof(
  single,
  fc
    .array(single, { minLength: 1, maxLength: 3 })
    .map((geometries): Shape => ({ type: 'GeometryCollection', geometries })),
);

/** A square around a place, small enough to be nearly flat. */
const square = ([x, y]: Position, half: number): Shape => ({
  type: 'Polygon',
  coordinates: [
    [
      [x - half, y - half],
      [x + half, y - half],
      [x + half, y + half],
      [x - half, y + half],
      [x - half, y - half],
    ],
  ],
});
const at = (coordinates: Position): Shape => ({ type: 'Point', coordinates });

describe('formats', () => {
  it('gives back what it wrote: WKT, WKB and GeoJSON', () => {
    fc.assert(
      fc.property(shape, (given) => {
        expect(parseWkt(wktOf(given))).toEqual(given);
        expect(parseWkb(wkbOf(given))).toEqual(given);
        expect(knownGeoJson(geoJsonOf(given))).toEqual(given);
      }),
    );
  });

  it('reads big endian, and the third coordinate of both kinds of WKB', () => {
    expect(parseWkb('00000000013FF00000000000004000000000000000')).toEqual({ type: 'Point', coordinates: [1, 2] });
    const deep: Shape = { type: 'Point', coordinates: [1, 2, 3] };
    expect(parseWkb(wkbOf(deep))).toEqual(deep);
    expect(parseWkb(`01E9030000${wkbOf(deep).slice(10)}`)).toEqual(deep);
    expect(parseWkt('POINT Z (1 2 3)')).toEqual(deep);
  });

  it.each(['', 'POINT', 'POINT()', 'POINT(1)', 'POINT(1 2', 'POINT(1 2) x', 'CIRCLE(1 2)', 'LINESTRING(1 2, a b)'])(
    'refuses %j',
    (text) => expect(() => parseWkt(text)).toThrow('Did not recognize valid GeoJSON, (E)WKT or (E)WKB'),
  );
  it.each(['01', '0101000000', '0199000000', '01020000000500000000'])('refuses the bytes %s', (hex) =>
    expect(() => parseWkb(hex)).toThrow('Did not recognize valid GeoJSON, (E)WKT or (E)WKB'),
  );
});

describe('the sphere', () => {
  it('has a quarter of the equator between two points on it, and an eighth of its face in an octant', () => {
    expect(SPHERE.distance([0, 0], [90, 0])).toBeCloseTo((EARTH_RADIUS * Math.PI) / 2, 3);
    const octant: Position[] = [
      [0, 0],
      [90, 0],
      [0, 90],
      [0, 0],
    ];
    expect(SPHERE.area(octant) / ((4 * Math.PI * EARTH_RADIUS ** 2) / 8)).toBeCloseTo(1, 12);
    expect(SPHERE.area([...octant].reverse())).toBeCloseTo(SPHERE.area(octant), 0);
  });

  it('has a distance that is symmetric, and never longer than the way over a third point', () => {
    fc.assert(
      fc.property(position, position, position, (a, b, c) => {
        expect(SPHERE.distance(a, b)).toBeCloseTo(SPHERE.distance(b, a), 5);
        expect(SPHERE.distance(a, c)).toBeLessThanOrEqual(SPHERE.distance(a, b) + SPHERE.distance(b, c) + 1e-4);
      }),
    );
  });

  it('is not torn at the date line', () => {
    const across: Shape = {
      type: 'Polygon',
      coordinates: [
        [
          [179, -1],
          [-179, -1],
          [-179, 1],
          [179, 1],
          [179, -1],
        ],
      ],
    };
    expect(contains(SPHERE, across, at([180, 0]))).toBe(true);
    expect(contains(SPHERE, across, at([0, 0]))).toBe(false);
    expect(SPHERE.distance([179.5, 0], [-179.5, 0])).toBeCloseTo(SPHERE.distance([0, 0], [1, 0]), 3);
  });
});

describe.each([
  ['sphere', SPHERE],
  ['plane', PLANE],
])('relations on the %s', (_name, surface) => {
  const near = fc.tuple(thousandths(60), thousandths(60)) as fc.Arbitrary<Position>;

  it('puts a point inside a square just where its coordinates are', () => {
    fc.assert(
      fc.property(near, thousandths(3), thousandths(3), ([x, y], dx, dy) => {
        fc.pre(Math.abs(Math.abs(dx) - 1) > 0.05 && Math.abs(Math.abs(dy) - 1) > 0.05);
        const inside = Math.abs(dx) < 1 && Math.abs(dy) < 1;
        const point = at([x + dx, y + dy]);
        expect(contains(surface, square([x, y], 1), point)).toBe(inside);
        expect(intersects(surface, square([x, y], 1), point)).toBe(inside);
        expect((distanceBetween(surface, square([x, y], 1), point) ?? -1) > 0).toBe(!inside);
      }),
    );
  });

  it('knows squares that contain, overlap or miss each other', () => {
    fc.assert(
      fc.property(near, (centre) => {
        const [x, y] = centre;
        const big = square(centre, 2);
        expect(contains(surface, big, square(centre, 1))).toBe(true);
        expect(contains(surface, square(centre, 1), big)).toBe(false);
        expect(covers(surface, big, big)).toBe(true);
        expect(intersects(surface, big, square([x + 3, y], 2))).toBe(true);
        expect(covers(surface, big, square([x + 3, y], 2))).toBe(false);
        expect(intersects(surface, big, square([x + 9, y], 2))).toBe(false);
      }),
    );
  });

  it('leaves out what lies in a hole', () => {
    const [outer = []] = (square([0, 0], 4) as Shape & { type: 'Polygon' }).coordinates;
    const [hole = []] = (square([0, 0], 1) as Shape & { type: 'Polygon' }).coordinates;
    const holed: Shape = { type: 'Polygon', coordinates: [outer, hole] };
    expect(contains(surface, holed, at([2, 2]))).toBe(true);
    expect(contains(surface, holed, at([0.5, 0.5]))).toBe(false);
    expect(covers(surface, holed, square([0, 0], 2))).toBe(false);
    expect(covers(surface, holed, square([2.5, 2.5], 1))).toBe(true);
  });
});
