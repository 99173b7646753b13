/**
 * A connection profile: everything needed to open a session, under the name that lanes carry. `local` is the built-in
 * Snowflake and the default when nothing else is configured.
 */
export interface ConnectionProfile {
  readonly name: string;
  readonly local: boolean;
  /**
   * Options for snowflake-sdk's `createConnection`, by its own names. Holds credentials: never logged, stored or shown.
   */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Where the profile of a name comes from; for `local` it finds or starts the engine's process. Called again after a lost connection. */
export type ProfileResolver = (name: string) => Promise<ConnectionProfile>;
