/** Longitude and latitude in degrees, or x and y of a plane; further coordinates are kept and not computed with. */
export type Position = readonly [x: number, y: number, ...rest: number[]];

/** A geospatial value as GeoJSON has it (RFC 7946). `srid` is told for GEOMETRY alone, where it is not 0. */
export type Shape = (
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'LineString' | 'MultiPoint'; readonly coordinates: readonly Position[] }
  | { readonly type: 'Polygon' | 'MultiLineString'; readonly coordinates: readonly (readonly Position[])[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Position[])[])[] }
  | { readonly type: 'GeometryCollection'; readonly geometries: readonly Shape[] }
) & { readonly srid?: number };

export type Polygon = readonly (readonly Position[])[];

/** A shape taken apart into what is computed with. */
export interface Parts {
  readonly points: readonly Position[];
  readonly lines: readonly (readonly Position[])[];
  /** Each an outer ring and its holes, closed. */
  readonly polygons: readonly Polygon[];
}

/** Text that is none of the formats, or a shape that cannot be: what the caller is told. */
export class GeoError extends Error {
  readonly number: string;

  /** `number`: Snowflake's error number; 100205 for text that cannot be read. */
  constructor(number: string, message: string) {
    super(message);
    this.number = number;
  }
}

export function partsOf(shape: Shape): Parts {
  switch (shape.type) {
    case 'Point':
      return { points: [shape.coordinates], lines: [], polygons: [] };
    case 'MultiPoint':
      return { points: shape.coordinates, lines: [], polygons: [] };
    case 'LineString':
      return { points: [], lines: [shape.coordinates], polygons: [] };
    case 'MultiLineString':
      return { points: [], lines: shape.coordinates, polygons: [] };
    case 'Polygon':
      return { points: [], lines: [], polygons: [shape.coordinates] };
    case 'MultiPolygon':
      return { points: [], lines: [], polygons: shape.coordinates };
    case 'GeometryCollection': {
      const parts = shape.geometries.map(partsOf);
      return {
        points: parts.flatMap(({ points }) => points),
        lines: parts.flatMap(({ lines }) => lines),
        polygons: parts.flatMap(({ polygons }) => polygons),
      };
    }
  }
}

/** All positions, the closing one of a ring too. */
export function positionsOf(shape: Shape): readonly Position[] {
  const { points, lines, polygons } = partsOf(shape);
  return [...points, ...lines.flat(), ...polygons.flat(2)];
}

/** 0 for points, 1 for lines, 2 for polygons: the highest that is there. */
export function dimensionOf(shape: Shape): number {
  const { lines, polygons } = partsOf(shape);
  return polygons.length > 0 ? 2 : lines.length > 0 ? 1 : 0;
}
