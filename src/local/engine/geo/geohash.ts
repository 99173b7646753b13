import { GeoError, type Position } from './shape.js';

const LETTERS = '0123456789bcdefghjkmnpqrstuvwxyz';

/** The geohash of a place, of 1 to 20 characters: each halves longitude and latitude in turn, five times. */
export function geohashOf([longitude, latitude]: Position, characters: number): string {
  const ranges: [number, number][] = [
    [-180, 180],
    [-90, 90],
  ];
  const place = [longitude, latitude];
  let hash = '';
  for (let i = 0; i < characters; i++) {
    let letter = 0;
    for (let bit = 0; bit < 5; bit++) {
      const axis = (i * 5 + bit) % 2;
      const range = ranges[axis] as [number, number];
      const middle = (range[0] + range[1]) / 2;
      const upper = (place[axis] as number) >= middle;
      letter = letter * 2 + Number(upper);
      range[upper ? 0 : 1] = middle;
    }
    hash += LETTERS[letter];
  }
  return hash;
}

/** What a geohash stands for: longitudes and latitudes. Throws `GeoError` for another text. */
function geohashRanges(
  hash: string,
): readonly [longitudes: readonly [number, number], latitudes: readonly [number, number]] {
  const ranges: [[number, number], [number, number]] = [
    [-180, 180],
    [-90, 90],
  ];
  [...hash.toLowerCase()].forEach((character, i) => {
    const letter = LETTERS.indexOf(character);
    if (letter < 0) throw new GeoError('100205', `Invalid geohash: ${hash}`);
    for (let bit = 0; bit < 5; bit++) {
      const range = ranges[(i * 5 + bit) % 2] as [number, number];
      range[((letter >> (4 - bit)) & 1) === 1 ? 0 : 1] = (range[0] + range[1]) / 2;
    }
  });
  return ranges;
}

/** The middle of what a geohash stands for. Throws `GeoError` for another text. */
export function geohashCentre(hash: string): Position {
  const [[west, east], [south, north]] = geohashRanges(hash);
  return [(west + east) / 2, (south + north) / 2];
}

/** The border of what a geohash stands for, closed. Throws `GeoError` for another text. */
export function geohashRing(hash: string): readonly Position[] {
  const [[west, east], [south, north]] = geohashRanges(hash);
  return [
    [west, south],
    [west, north],
    [east, north],
    [east, south],
    [west, south],
  ];
}

/** The longest geohash whose area holds all places: what the hashes of the corners around them begin with. */
export function commonGeohash(places: readonly Position[], characters: number): string {
  const hashes = places.map((place) => geohashOf(place, characters));
  const [first = ''] = hashes;
  let length = first.length;
  while (length > 0 && !hashes.every((hash) => hash.startsWith(first.slice(0, length)))) length -= 1;
  return first.slice(0, length);
}
