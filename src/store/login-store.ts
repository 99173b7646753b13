import type { ErrorData } from '../errors/snow-error.js';

/** How the last login with some credentials ended, in whatever process. */
export type LastLogin =
  | {
      readonly refused: ErrorData;
      /** Until it should be tried again; 0 when it may be. */
      readonly waitMs: number;
    }
  | { readonly acceptedAgoMs: number };

/** Logins of this boot; the latest 200 credentials are remembered. */
export interface LoginStore {
  /** `credentials` names them and tells nothing of them. */
  lastLogin(credentials: string): Promise<LastLogin | undefined>;
  /** Answers for how long (ms) they should not be tried: 30 s, doubled with each refusal in a row, up to 15 min. */
  loginRefused(credentials: string, error: ErrorData): Promise<number>;
  loginAccepted(credentials: string): Promise<void>;
}
