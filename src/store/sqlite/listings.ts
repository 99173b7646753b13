import { randomBytes } from 'node:crypto';
import type { ResultColumn } from '../job.js';
import type { KnownListing } from '../listing-store.js';
import type { Engine } from './engine.js';
import type { PackedPage } from './result-pages.js';

/** How long an answer is kept, in ms. */
const KEPT_MS = 24 * 3_600_000;

/** Most answers kept, and their bytes; the oldest go first. */
const MOST_KEPT = 1_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Largest answer that is kept, in bytes as they are stored. */
const LARGEST_LISTING = 2 * 1024 * 1024;

interface ListingRow {
  readonly id: string;
  readonly subject: string;
  readonly as_of: number;
  readonly columns: string;
  readonly data: Buffer;
}

type PackedListing = Omit<KnownListing, 'rows'> & { readonly data: Buffer };

export interface ListingOperations {
  age(question: string): number | undefined;
  keep(question: string, subject: string, columns: readonly ResultColumn[], packed: PackedPage): void;
  find(by: { readonly question: string } | { readonly id: string }): PackedListing | undefined;
}

export function prepareListings({ db, now }: Engine): ListingOperations {
  const age = db
    .prepare<[string, number], number>('SELECT as_of FROM listings WHERE question = ? AND as_of > ?')
    .pluck();
  const byQuestion = db.prepare<[string, number], ListingRow>(
    'SELECT id, subject, as_of, columns, data FROM listings WHERE question = ? AND as_of > ?',
  );
  const byId = db.prepare<[string, number], ListingRow>(
    'SELECT id, subject, as_of, columns, data FROM listings WHERE id = ? AND as_of > ?',
  );
  const save = db.prepare(
    'INSERT OR REPLACE INTO listings (question, id, subject, as_of, bytes, columns, data) VALUES (?,?,?,?,?,?,?)',
  );
  const dropOld = db.prepare('DELETE FROM listings WHERE as_of <= ?');
  const totals = db.prepare<[], { readonly kept: number; readonly bytes: number }>(
    'SELECT count(*) AS kept, coalesce(sum(bytes), 0) AS bytes FROM listings INDEXED BY listings_by_age',
  );
  const dropOldest = db.prepare(
    'DELETE FROM listings WHERE question = (SELECT question FROM listings ORDER BY as_of, question LIMIT 1)',
  );
  return {
    age: (question) => age.get(question, now() - KEPT_MS),
    keep: (question, subject, columns, { data }) => {
      if (data.length > LARGEST_LISTING) return;
      const at = now();
      dropOld.run(at - KEPT_MS);
      save.run(question, randomBytes(16).toString('hex'), subject, at, data.length, JSON.stringify(columns), data);
      for (;;) {
        const { kept, bytes } = totals.get() as { kept: number; bytes: number };
        if (kept <= MOST_KEPT && bytes <= MOST_BYTES) return;
        dropOldest.run();
      }
    },
    find: (by) => {
      const since = now() - KEPT_MS;
      const row = 'id' in by ? byId.get(by.id, since) : byQuestion.get(by.question, since);
      if (row === undefined) return undefined;
      const columns = JSON.parse(row.columns) as readonly ResultColumn[];
      return { id: row.id, subject: row.subject, asOf: row.as_of, columns, data: row.data };
    },
  };
}
