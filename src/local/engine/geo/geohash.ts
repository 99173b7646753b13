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

/** The middle of what a geohash stands for. Throws `GeoError` for another text. */
export function geohashCentre(hash: string): Position {
  const ranges: [number, number][] = [
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
  const [[west, east], [south, north]] = ranges as [[number, number], [number, number]];
  return [(west + east) / 2, (south + north) / 2];
}
