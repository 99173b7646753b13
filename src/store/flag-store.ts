/** Whom a setting of a flag is for; the narrowest wins: client, group, percentage, all. */
export type FlagScope =
  | 'all'
  | { readonly group: string }
  | { readonly client: string }
  /** Clients whose stable hash with the flag's name falls below this percentage (0 to 100); growing it only adds clients. */
  | { readonly percentage: number };

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
  /** Absent: the setting was removed. */
  readonly after?: boolean;
  readonly at: number;
  readonly by: string;
}

/** Flags are read hot: a change is seen by every process at its next admission or claim. */
export interface FlagStore {
  setFlag(flag: string, scope: FlagScope, on: boolean | null, by: string): Promise<void>;
  flagSettings(): Promise<readonly FlagSetting[]>;
  /** Newest first, at most `limit` (1 to 1,000). */
  flagChanges(limit: number): Promise<readonly FlagChange[]>;
}
