import type { ServerResponse } from 'node:http';
import type { TokenGate } from './token-gate.js';

interface Open {
  readonly response: ServerResponse;
  readonly tokenId: string;
  /** Open as long as the client likes, unlike the answer to a call. */
  readonly stream: boolean;
}

/** How often the tokens of what is open are looked at, in ms. */
const LOOK_EVERY_MS = 500;

/**
 * Answers under way to callers with a token. When the token is revoked they end, whatever they wait for; when it expires,
 * streams do, and calls that came in time are still answered. Tokens are looked at in the store, so it does not matter which
 * process revoked them.
 */
export class OpenAnswers {
  readonly #gate: TokenGate;
  readonly #onError: (error: Error) => void;
  readonly #open = new Set<Open>();
  #timer: NodeJS.Timeout | undefined;

  constructor(gate: TokenGate, onError: (error: Error) => void) {
    this.#gate = gate;
    this.#onError = onError;
  }

  add(response: ServerResponse, tokenId: string, stream: boolean): void {
    const open: Open = { response, tokenId, stream };
    this.#open.add(open);
    response.once('close', () => {
      this.#open.delete(open);
      if (this.#open.size === 0) this.close();
    });
    this.#timer ??= setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    try {
      const voided = await this.#gate.voided([...new Set([...this.#open].map(({ tokenId }) => tokenId))]);
      if (voided.size === 0) return;
      for (const { response, tokenId, stream } of [...this.#open]) {
        const state = voided.get(tokenId);
        if (state === 'revoked' || (state === 'expired' && stream)) response.destroy();
      }
    } catch (failure) {
      // The store may answer at the next look.
      this.#onError(failure instanceof Error ? failure : new Error(String(failure)));
    }
  }
}
