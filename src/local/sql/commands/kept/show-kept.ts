import { ACCOUNT, type KeptEntry } from '../../../engine/catalog/entries.js';
import type { CommandContext } from '../../../engine/command.js';
import { type Cell, columns, type Listing } from '../listing.js';
import type { ShowPlace } from '../show-place.js';
import { KEPT } from './kept-kinds.js';
import { type KeptPlace, type KeptSpecification, keptCell } from './kept-specification.js';

/** SHOW of each kind that is kept, and SHOW INTEGRATIONS of all of theirs. */
export const KEPT_LISTINGS: readonly (readonly [words: readonly string[], listing: Listing])[] = [
  ...KEPT.map((specification) => [specification.plural, listingOf([specification])] as const),
  [['INTEGRATIONS'], listingOf(KEPT.filter(({ label }) => label === 'Integration'))],
];

function listingOf(specifications: readonly KeptSpecification[]): Listing {
  const [first] = specifications;
  const shape = first?.columns ?? '';
  return {
    scope: first?.holder === 'account' ? 'account' : 'schema',
    async list(place, context) {
      const rows = specifications.flatMap((specification) =>
        located(specification, place, context).map(([entry, at]): Cell[] => rowOf(entry, specification, at)),
      );
      return { columns: columns(shape), rows };
    },
  };
}

/** The row of SHOW. */
export function rowOf(entry: KeptEntry, specification: KeptSpecification, place: KeptPlace): Cell[] {
  return columns(specification.columns).map(({ name }) => keptCell(name, entry, specification, place));
}

function located(
  { kind, holder }: KeptSpecification,
  place: ShowPlace,
  { names: { catalog } }: CommandContext,
): [KeptEntry, KeptPlace][] {
  if (holder === 'account') return catalog.children(ACCOUNT, kind).map((entry) => [entry as KeptEntry, {}]);
  if (holder === 'database') {
    const databases = new Set([...place.databases, ...place.schemas.map(({ database }) => database)]);
    return [...databases].flatMap((database) =>
      catalog.children(database.id, kind).map((entry): [KeptEntry, KeptPlace] => [entry as KeptEntry, { database }]),
    );
  }
  return place.schemas.flatMap((at) =>
    catalog.children(at.schema.id, kind).map((entry): [KeptEntry, KeptPlace] => [entry as KeptEntry, at]),
  );
}
