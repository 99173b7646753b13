import type { MemoryAsker, MemoryStore } from '../store/memory-store.js';

/** What one operation works with. */
export interface MemoryCall {
  readonly store: MemoryStore;
  readonly asker: MemoryAsker;
  /** The job it runs as: names what it writes, so that a second attempt finds it done. */
  readonly job: string;
  readonly signal: AbortSignal;
  /** Ms since the epoch. */
  readonly now: number;
  /** IANA's name: of dates and times that name none. */
  readonly timeZone: string;
  readonly progress: (progress: { readonly done: number; readonly total?: number; readonly message?: string }) => void;
}
