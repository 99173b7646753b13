import { type RefusedToken, type VerifiedToken, verifyToken } from '../gateway/tokens.js';
import type { ClientStore } from '../store/client-store.js';

/** Who may come in. */
export interface TokenGate {
  /** What a token says, or why it is no good. */
  verify(token: string): Promise<VerifiedToken | RefusedToken>;
  /** Of the tokens with these ids, those that are no good any more. */
  voided(tokenIds: readonly string[]): Promise<ReadonlyMap<string, 'expired' | 'revoked'>>;
  /** False as long as there is nobody to tell apart: then who comes without a token is let in. */
  required(): Promise<boolean>;
}

/** How long it may take until the first token that is ever made closes the door to those without one, in ms. */
const LOOK_EVERY_MS = 1_000;

/**
 * The store's tokens. They are required when that is asked for, and from the moment on that a first one exists, be it of a
 * client that was removed: revoking all of them locks the door, it does not open it.
 */
export function storeTokens(
  store: Pick<ClientStore, 'findToken' | 'hasTokens' | 'voidTokens'>,
  always: boolean,
): TokenGate {
  let required = always;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;
  const look = async (): Promise<boolean> => {
    try {
      required = await store.hasTokens();
      lookedAt = performance.now();
      return required;
    } finally {
      looking = undefined;
    }
  };
  return {
    verify: (token) => verifyToken(store, token, Date.now()),
    voided: (tokenIds) => store.voidTokens(tokenIds),
    required: async () => {
      if (required || performance.now() - lookedAt < LOOK_EVERY_MS) return required;
      looking ??= look();
      return await looking;
    },
  };
}
