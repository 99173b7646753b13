import { unreadable } from './geojson.js';
import type { Position, Shape } from './shape.js';

const TYPES = [
  'Point',
  'LineString',
  'Polygon',
  'MultiPoint',
  'MultiLineString',
  'MultiPolygon',
  'GeometryCollection',
] as const;
const HAS_SRID = 0x2000_0000;
const HAS_Z = 0x8000_0000;
const HAS_M = 0x4000_0000;

/** Well-known binary (OGC 06-103r4) as upper-case hex, little endian; with `extended` the reference system is told (EWKB). */
export function wkbOf(shape: Shape, extended?: number): string {
  return binaryOf(shape, extended).toString('hex').toUpperCase();
}

function binaryOf(shape: Shape, srid?: number): Buffer {
  const kind = TYPES.indexOf(shape.type) + 1;
  const width = shape.type === 'GeometryCollection' ? 2 : widthOf(shape.coordinates);
  const code = ((width > 2 ? HAS_Z : 0) | (width > 3 ? HAS_M : 0) | (srid === undefined ? 0 : HAS_SRID) | kind) >>> 0;
  return Buffer.concat([
    Buffer.from([1]),
    uint32(code),
    ...(srid === undefined ? [] : [uint32(srid)]),
    ...bodyOf(shape),
  ]);
}

function bodyOf(shape: Shape): Buffer[] {
  const counted = <T>(items: readonly T[], write: (item: T) => readonly Buffer[]): Buffer[] => [
    uint32(items.length),
    ...items.flatMap(write),
  ];
  const ring = (positions: readonly Position[]): Buffer[] => counted(positions, (item) => [doubles(item)]);
  switch (shape.type) {
    case 'Point':
      return [doubles(shape.coordinates)];
    case 'LineString':
      return ring(shape.coordinates);
    case 'Polygon':
      return counted(shape.coordinates, ring);
    case 'MultiPoint':
      return counted(shape.coordinates, (coordinates) => [binaryOf({ type: 'Point', coordinates })]);
    case 'MultiLineString':
      return counted(shape.coordinates, (coordinates) => [binaryOf({ type: 'LineString', coordinates })]);
    case 'MultiPolygon':
      return counted(shape.coordinates, (coordinates) => [binaryOf({ type: 'Polygon', coordinates })]);
    case 'GeometryCollection':
      return counted(shape.geometries, (geometry) => [binaryOf(geometry)]);
  }
}

function widthOf(coordinates: unknown): number {
  if (!Array.isArray(coordinates) || coordinates.length === 0) return 2;
  return typeof coordinates[0] === 'number' ? coordinates.length : widthOf(coordinates[0]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i);
  return bytes;
}

/** Reads (E)WKB given as hex. Throws `GeoError`. */
export function parseWkb(hex: string): Shape {
  const reader = new WkbReader(Buffer.from(hex, 'hex'), hex);
  const shape = reader.shape();
  reader.end();
  return shape;
}

class WkbReader {
  readonly #bytes: Buffer;
  readonly #hex: string;
  #at = 0;
  #little = true;

  constructor(bytes: Buffer, hex: string) {
    this.#bytes = bytes;
    this.#hex = hex;
  }

  shape(): Shape {
    try {
      return this.#shape();
    } catch (error) {
      if (error instanceof RangeError) throw unreadable(this.#hex);
      throw error;
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw unreadable(this.#hex);
  }

  #shape(): Shape {
    const order = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    if (order > 1) throw unreadable(this.#hex);
    this.#little = order === 1;
    const code = this.#uint32();
    const srid = (code & HAS_SRID) !== 0 ? this.#uint32() : undefined;
    const iso = Math.floor((code & 0x0fff_ffff) / 1000);
    const kind = TYPES[((code & 0x0fff_ffff) % 1000) - 1];
    const extra = Number((code & HAS_Z) !== 0 || iso === 1 || iso === 3) + Number((code & HAS_M) !== 0 || iso >= 2);
    const position = (): Position => {
      const values = Array.from({ length: 2 + extra }, () => this.#double());
      const [x = 0, y = 0, ...rest] = values;
      if (!values.every(Number.isFinite)) throw unreadable(this.#hex);
      return [x, y, ...rest];
    };
    const many = <T>(read: () => T): T[] => {
      const count = this.#uint32();
      if (count > this.#bytes.length) throw unreadable(this.#hex);
      return Array.from({ length: count }, read);
    };
    const members = <T>(type: Shape['type']): T[] =>
      many(() => {
        const member = this.#shape();
        if (member.type !== type || member.type === 'GeometryCollection') throw unreadable(this.#hex);
        return member.coordinates as T;
      });
    const shape = ((): Shape => {
      switch (kind) {
        case 'Point':
          return { type: kind, coordinates: position() };
        case 'LineString':
          return { type: kind, coordinates: many(position) };
        case 'Polygon':
          return { type: kind, coordinates: many(() => many(position)) };
        case 'MultiPoint':
          return { type: kind, coordinates: members<Position>('Point') };
        case 'MultiLineString':
          return { type: kind, coordinates: members<readonly Position[]>('LineString') };
        case 'MultiPolygon':
          return { type: kind, coordinates: members<readonly (readonly Position[])[]>('Polygon') };
        case 'GeometryCollection':
          return { type: kind, geometries: many(() => this.#shape()) };
        default:
          throw unreadable(this.#hex);
      }
    })();
    return srid === undefined ? shape : { ...shape, srid };
  }

  #uint32(): number {
    const at = this.#at;
    this.#at += 4;
    return this.#little ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }

  #double(): number {
    const at = this.#at;
    this.#at += 8;
    return this.#little ? this.#bytes.readDoubleLE(at) : this.#bytes.readDoubleBE(at);
  }
}
