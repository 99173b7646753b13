import { LockTable } from '../locks/lock-table.js';
import type { LockMode, LockWait, Release } from '../locks/read-write-lock.js';

export interface SessionUse {
  /** Whose session it is. */
  readonly owner: string;
  readonly mode: LockMode;
}

/**
 * The locks of sessions. Calls of one client get them in the order in which they came, although it takes each a while to find
 * out whose session it is and what may be done there: a statement sent after a USE sees what the USE did.
 */
export class SessionLine {
  readonly #arrivals = new LockTable();
  readonly #sessions: LockTable;

  constructor(sessions = new LockTable()) {
    this.#sessions = sessions;
  }

  /** `find` says which lock it is to be. Throws what `find` throws, and `QUEUE_TIMEOUT` when the wait is over. */
  async enter<Use extends SessionUse>(
    client: string,
    session: string,
    find: () => Promise<Use>,
    wait: LockWait,
  ): Promise<{ readonly use: Use; readonly release: Release }> {
    const letNext = await this.#arrivals.acquire(keyOf(client, session), 'write', wait);
    let use: Use;
    let inLine: Promise<Release>;
    try {
      use = await find();
      inLine = this.#sessions.acquire(keyOf(use.owner, session), use.mode, wait);
    } finally {
      letNext();
    }
    return { use, release: await inLine };
  }
}

function keyOf(owner: string, session: string): string {
  return `${owner}\u0000${session}`;
}
