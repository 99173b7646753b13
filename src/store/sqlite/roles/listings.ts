import type { ListingStore } from '../../listing-store.js';
import type { Engine } from '../engine.js';
import { prepareListings } from '../listings.js';
import { packRows, unpackRows } from '../result-pages.js';
import type { Turns } from './turns.js';

/** Listings of the warehouse that are kept. */
export function listingRole(engine: Engine, { commit, read }: Turns): ListingStore {
  const listings = prepareListings(engine);

  return {
    listingAge: (question) => read(() => listings.age(question)),
    keepListing: async (question, { subject, columns, rows }) => {
      const packed = await packRows(rows);
      await commit.run(() => listings.keep(question, subject, columns, packed));
    },
    findListing: async (by) => {
      const found = await read(() => listings.find(by));
      if (found === undefined) return undefined;
      const { data, ...known } = found;
      return { ...known, rows: await unpackRows(data) };
    },
  };
}
