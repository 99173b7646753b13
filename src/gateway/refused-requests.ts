import type { AuditStore } from '../store/audit-store.js';

/** A request that was refused before it came to a call. */
export interface RefusedRequest {
  /** Address it came from. */
  readonly peer: string;
  /** What for, in a few words of ours, never in the caller's. */
  readonly reason: string;
  /** Whom it was made for, where that is known. */
  readonly client?: string;
  /** Tool that was asked for, where that is known. */
  readonly tool?: string;
}

/** Refusals that are alike are counted for so long (ms) and then written down as one. */
const TOGETHER_MS = 60_000;

/** Kinds of refusals told apart at a time; what else comes is counted as from everywhere. */
const KINDS = 20;

const ELSEWHERE = 'elsewhere';

/**
 * Requests that were refused at the door, for the audit. The first of its kind is written down at once, those like it as one
 * entry at the end of the minute: however many come, the file gets a few rows a minute.
 */
export class RefusedRequests {
  readonly #store: AuditStore;
  readonly #onFailure: (failure: unknown) => void;
  readonly #togetherMs: number;
  /** By kind: how many came since the first. */
  readonly #kinds = new Map<string, { readonly refused: RefusedRequest; more: number }>();
  #timer: NodeJS.Timeout | undefined;
  readonly #writing = new Set<Promise<void>>();

  constructor(store: AuditStore, onFailure: (failure: unknown) => void, togetherMs: number = TOGETHER_MS) {
    this.#store = store;
    this.#onFailure = onFailure;
    this.#togetherMs = togetherMs;
  }

  note(request: RefusedRequest): void {
    const refused = this.#kinds.size < KINDS || this.#kinds.has(keyOf(request)) ? request : anywhere(request);
    const known = this.#kinds.get(keyOf(refused));
    if (known !== undefined) {
      known.more += 1;
      return;
    }
    this.#kinds.set(keyOf(refused), { refused, more: 0 });
    this.#write(refused, 1);
    this.#timer ??= setTimeout(() => this.#flush(), this.#togetherMs).unref();
  }

  /** Writes down what was counted. */
  async close(): Promise<void> {
    this.#flush();
    await Promise.all(this.#writing);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { refused, more } of this.#kinds.values()) if (more > 0) this.#write(refused, more);
    this.#kinds.clear();
  }

  #write({ peer, reason, client, tool }: RefusedRequest, count: number): void {
    const written = this.#store
      .record({
        client: client ?? '',
        tool: tool ?? 'http',
        reason,
        peer,
        ...(count > 1 ? { count } : {}),
        outcome: 'refused',
        code: 'NOT_PERMITTED',
      })
      .catch(this.#onFailure);
    this.#writing.add(written);
    void written.finally(() => this.#writing.delete(written));
  }
}

function keyOf({ peer, reason, client, tool }: RefusedRequest): string {
  return JSON.stringify([peer, reason, client, tool]);
}

/** Reasons are few, so these kinds are. */
function anywhere({ reason }: RefusedRequest): RefusedRequest {
  return { peer: ELSEWHERE, reason };
}
