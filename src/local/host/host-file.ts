/** What stands in the host file (0600) beside the store: where the engine's process is and how to be let in. */
export interface HostInfo {
  readonly url: string;
  /** Random; it is the password of the user `mcp_snow` and is asked for on every request that is not a login. */
  readonly token: string;
  readonly pid: number;
  readonly bootId: string;
  readonly startedAt: number;
  readonly version: string;
}
