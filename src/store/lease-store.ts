/** A lock that holds across processes, for as long as it is renewed. */
export interface LeaseStore {
  /**
   * `undefined` when somebody holds it: another holder, or this one already. `fence` grows with every acquisition of the
   * resource. Throws `INVALID_ARGUMENT` for a lease of 0 ms or less.
   */
  acquireLease(resource: string, holder: string, leaseMs: number): Promise<{ readonly fence: number } | undefined>;
  /** `false`: it was lost. */
  renewLease(resource: string, holder: string, leaseMs: number): Promise<boolean>;
  /** Nothing happens when somebody else has it by now. */
  releaseLease(resource: string, holder: string): Promise<void>;
  leaseHolder(resource: string): Promise<string | undefined>;
}
