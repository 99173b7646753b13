import type { GroupCommit } from '../group-commit.js';

/** How operations get at the file. Both throw `STORE_UNAVAILABLE` where it cannot be used. */
export interface Turns {
  /** Writes: together with the others of this turn of the event loop. */
  readonly commit: GroupCommit;
  /** Reads what is committed. */
  readonly read: <T>(work: () => T) => Promise<T>;
}
