import { type Parts, type Position, partsOf, positionsOf, type Shape } from './shape.js';
import { northernmost } from './sphere.js';
import { type Edge, edgesOf } from './surface.js';

export interface Bounds {
  readonly xmin: number;
  readonly xmax: number;
  readonly ymin: number;
  readonly ymax: number;
}

function around(positions: readonly Position[]): Bounds | undefined {
  if (positions.length === 0) return undefined;
  return positions.reduce<Bounds>(
    ({ xmin, xmax, ymin, ymax }, [x, y]) => ({
      xmin: Math.min(xmin, x),
      xmax: Math.max(xmax, x),
      ymin: Math.min(ymin, y),
      ymax: Math.max(ymax, y),
    }),
    { xmin: Infinity, xmax: -Infinity, ymin: Infinity, ymax: -Infinity },
  );
}

const edges = ({ lines, polygons }: Parts): Edge[] => [...lines, ...polygons.flat()].flatMap(edgesOf);
const flipped = ([x, y]: Position): Position => [x, -y];

/** Whether the shorter way between two longitudes leads over the 180th meridian. */
const overAntimeridian = ([a, b]: Edge): boolean => Math.abs(a[0] - b[0]) > 180;

/** The box of the corners, which in the plane is that of the shape. */
export const cornerBounds = (shape: Shape): Bounds | undefined => around(positionsOf(shape));

/** The box of a GEOGRAPHY: its edges reach nearer to the poles than their ends; on the 180th meridian it is all around. */
export function sphereBounds(shape: Shape): Bounds | undefined {
  const box = cornerBounds(shape);
  if (box === undefined) return undefined;
  const arcs = edges(partsOf(shape));
  const allAround = box.xmin === -180 || box.xmax === 180 || arcs.some(overAntimeridian);
  return {
    xmin: allAround ? -180 : box.xmin,
    xmax: allAround ? 180 : box.xmax,
    ymin: arcs.reduce((least, [a, b]) => Math.min(least, -northernmost(flipped(a), flipped(b))), box.ymin),
    ymax: arcs.reduce((most, [a, b]) => Math.max(most, northernmost(a, b)), box.ymax),
  };
}
