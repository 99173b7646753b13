/** A lock that holds across processes, for as long as it is renewed. */
export interface LeaseStore {
  /** `undefined` when somebody else holds it. `fence` grows with every acquisition of the resource. */
  acquireLease(resource: string, holder: string, leaseMs: number): Promise<{ readonly fence: number } | undefined>;
  /** `false`: it was lost. */
  renewLease(resource: string, holder: string, leaseMs: number): Promise<boolean>;
  releaseLease(resource: string, holder: string): Promise<void>;
  leaseHolder(resource: string): Promise<string | undefined>;
}
