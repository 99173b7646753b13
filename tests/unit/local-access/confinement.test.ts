import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Confinement, type ObjectPath, objectPath } from '../../../src/local/access/confinement.js';

test.each([
  ['shop', ['SHOP']],
  ['shop.Public', ['SHOP', 'PUBLIC']],
  [' shop.public.orders ', ['SHOP', 'PUBLIC', 'ORDERS']],
  ['"My shop"."a.b"."say ""hi"""', ['My shop', 'a.b', 'say "hi"']],
  ['shop.public.orders.id', undefined],
  ['shop..orders', undefined],
  ['shop.', undefined],
  ['my shop', undefined],
  ['*', undefined],
  ['', undefined],
])('%s is a place', (text, path) => {
  expect(objectPath(text)).toEqual(path);
});

const name = fc.constantFrom('A', 'B');
const path: fc.Arbitrary<ObjectPath> = fc.array(name, { minLength: 1, maxLength: 3 });
const places = fc.array(path, { maxLength: 3 });

const within = (place: ObjectPath, one: ObjectPath) => place.every((part, i) => part === one[i]);

test('is read and written exactly what is named, or lies in it', () => {
  fc.assert(
    fc.property(places, places, path, (read, write, one) => {
      const confinement = new Confinement(read, write);
      const written = write.some((place) => within(place, one));
      expect(confinement.allows(one, 'INSERT')).toBe(written);
      expect(confinement.allows(one, 'SELECT')).toBe(written || read.some((place) => within(place, one)));
      // What is named is not given away, what lies in it is.
      const inside = write.some((place) => within(place, one) && place.length < one.length);
      expect(confinement.allows(one, 'OWNERSHIP')).toBe(inside);
      // One sees the way to what one may use, and nothing beside it.
      const onTheWay = [...read, ...write].some((place) => within(one, place));
      expect(confinement.allows(one, 'SEES')).toBe(onTheWay || confinement.allows(one, 'SELECT'));
    }),
  );
});
