import type { FlagScope } from '../config/flags.js';

export interface FlagSetting {
  readonly flag: string;
  readonly scope: FlagScope;
  readonly on: boolean;
  readonly setAt: number;
  /** Who set it: OS user, or client. */
  readonly setBy: string;
}

export interface FlagChange {
  readonly flag: string;
  readonly scope: FlagScope;
  /** Absent: there was no setting of this scope. */
  readonly before?: boolean;
  /** The percentage it had, where it has another one now. */
  readonly percentageBefore?: number;
  /** Absent: the setting was removed. */
  readonly after?: boolean;
  readonly at: number;
  readonly by: string;
}

/** Flags are read hot: a change is seen by every process at its next admission or claim. */
export interface FlagStore {
  /**
   * Sets the flag for the scope, or with `null` removes that setting; a flag has one percentage at a time. What changes
   * nothing is not kept as a change. Throws `INVALID_ARGUMENT` for an unknown flag, a scope it cannot be set for, or a side
   * that is not in this version.
   */
  setFlag(flag: string, scope: FlagScope, on: boolean | null, by: string): Promise<void>;
  flagSettings(): Promise<readonly FlagSetting[]>;
  /** Newest first, at most `limit` (1 to 1,000). */
  flagChanges(limit: number): Promise<readonly FlagChange[]>;
}
