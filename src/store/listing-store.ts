import type { Json, ResultColumn } from './job.js';

/** An answer of the warehouse's catalog, as it was. */
export interface KnownListing {
  /** Cannot be guessed: whoever has it was given the listing. */
  readonly id: string;
  /** What was listed: `tables`, `columns`, … */
  readonly subject: string;
  /** Ms since the epoch. */
  readonly asOf: number;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Json[])[];
}

/**
 * Answers to be told, as old ones, while the warehouse cannot be asked. `question` is a digest of what was asked and of all
 * that decides the answer, so that equal questions have equal answers whoever asks; what of an answer may be told to whom is
 * the reader's to decide. A bounded number is kept, the latest, and each for a day.
 */
export interface ListingStore {
  /** When this question was last answered, ms since the epoch. */
  listingAge(question: string): Promise<number | undefined>;
  /** In place of an earlier answer; nothing happens when it is too large to be kept. */
  keepListing(question: string, listing: Pick<KnownListing, 'subject' | 'columns' | 'rows'>): Promise<void>;
  findListing(by: { readonly question: string } | { readonly id: string }): Promise<KnownListing | undefined>;
}
