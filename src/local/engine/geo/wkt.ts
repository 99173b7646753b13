import { unreadable } from './geojson.js';
import type { Position, Shape } from './shape.js';

/** Digits behind the point that Snowflake writes at most. */
const DIGITS = 9;

/** Well-known text (OGC 06-103r4), `POINT(1 2)`; with `extended` the reference system stands in front, `SRID=4326;POINT(1 2)`. */
export function wktOf(shape: Shape, extended?: number): string {
  const text = plainWkt(shape);
  return extended === undefined ? text : `SRID=${extended};${text}`;
}

function plainWkt(shape: Shape): string {
  const name = shape.type.toUpperCase();
  switch (shape.type) {
    case 'Point':
      return `${name}(${position(shape.coordinates)})`;
    case 'LineString':
      return `${name}${positions(shape.coordinates)}`;
    case 'MultiPoint':
      return `${name}(${shape.coordinates.map((item) => `(${position(item)})`).join(',')})`;
    case 'Polygon':
    case 'MultiLineString':
      return `${name}(${shape.coordinates.map(positions).join(',')})`;
    case 'MultiPolygon':
      return `${name}(${shape.coordinates.map((polygon) => `(${polygon.map(positions).join(',')})`).join(',')})`;
    case 'GeometryCollection':
      return `${name}(${shape.geometries.map(plainWkt).join(',')})`;
  }
}

function positions(list: readonly Position[]): string {
  return `(${list.map(position).join(',')})`;
}

function position(coordinates: Position): string {
  return coordinates.map(coordinate).join(' ');
}

/** At most nine digits behind the point, no exponent, no trailing zeros. */
function coordinate(value: number): string {
  const text = value.toFixed(DIGITS).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

/** Reads (E)WKT. Throws `GeoError`. */
export function parseWkt(text: string): Shape {
  const [, srid, body = ''] = /^\s*(?:SRID\s*=\s*(\d+)\s*;)?([\s\S]*)$/i.exec(text) ?? [];
  const reader = new WktReader(body, text);
  const shape = reader.shape();
  reader.end();
  return srid === undefined ? shape : { ...shape, srid: Number(srid) };
}

class WktReader {
  readonly #tokens: readonly string[];
  readonly #whole: string;
  #at = 0;

  constructor(body: string, whole: string) {
    this.#tokens = body.match(/[A-Za-z]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\S/g) ?? [];
    this.#whole = whole;
  }

  shape(): Shape {
    const name = (this.#next() ?? '').toUpperCase();
    // The dimensions follow from the number of coordinates.
    if (/^(Z|M|ZM)$/i.test(this.#tokens[this.#at] ?? '')) this.#at += 1;
    switch (name) {
      case 'POINT':
        return { type: 'Point', coordinates: this.#inside(() => this.#position()) };
      case 'LINESTRING':
        return { type: 'LineString', coordinates: this.#positions() };
      case 'MULTIPOINT':
        return { type: 'MultiPoint', coordinates: this.#list(() => this.#loosePosition()) };
      case 'POLYGON':
        return { type: 'Polygon', coordinates: this.#list(() => this.#positions()) };
      case 'MULTILINESTRING':
        return { type: 'MultiLineString', coordinates: this.#list(() => this.#positions()) };
      case 'MULTIPOLYGON':
        return { type: 'MultiPolygon', coordinates: this.#list(() => this.#list(() => this.#positions())) };
      case 'GEOMETRYCOLLECTION':
        return { type: 'GeometryCollection', geometries: this.#list(() => this.shape()) };
      default:
        throw unreadable(this.#whole);
    }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw unreadable(this.#whole);
  }

  #next(): string | undefined {
    return this.#tokens[this.#at++];
  }

  #expect(symbol: string): void {
    if (this.#next() !== symbol) throw unreadable(this.#whole);
  }

  #inside<T>(read: () => T): T {
    this.#expect('(');
    const value = read();
    this.#expect(')');
    return value;
  }

  #list<T>(read: () => T): T[] {
    if (/^EMPTY$/i.test(this.#tokens[this.#at] ?? '')) {
      this.#at += 1;
      return [];
    }
    return this.#inside(() => {
      const items = [read()];
      while (this.#tokens[this.#at] === ',') {
        this.#at += 1;
        items.push(read());
      }
      return items;
    });
  }

  #positions(): Position[] {
    return this.#list(() => this.#position());
  }

  /** MULTIPOINT's points may do without parentheses of their own. */
  #loosePosition(): Position {
    return this.#tokens[this.#at] === '(' ? this.#inside(() => this.#position()) : this.#position();
  }

  #position(): Position {
    const numbers: number[] = [];
    while (/^[-+.\d]/.test(this.#tokens[this.#at] ?? '')) numbers.push(Number(this.#next()));
    const [x, y, ...rest] = numbers;
    if (x === undefined || y === undefined || rest.length > 2 || !numbers.every(Number.isFinite))
      throw unreadable(this.#whole);
    return [x, y, ...rest];
  }
}
