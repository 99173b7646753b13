import { describe } from 'vitest';
import { auditContract } from './audit-contract.js';
import { breakerContract } from './breaker-contract.js';
import { clientsContract } from './clients-contract.js';
import { fairClaimContract } from './fair-claim-contract.js';
import { fairSharesContract } from './fair-shares-contract.js';
import { firstInContract } from './first-in-contract.js';
import { flagsContract } from './flags-contract.js';
import { leasesContract } from './leases-contract.js';
import { lifecycleContract } from './lifecycle-contract.js';
import { listingsContract } from './listings-contract.js';
import { loginsContract } from './logins-contract.js';
import { memoriesContract } from './memories-contract.js';
import { modelContract } from './model-contract.js';
import { questionsContract } from './questions-contract.js';
import { repositoriesContract } from './repositories-contract.js';
import { servicesContract } from './services-contract.js';
import { sessionsAndWorkersContract } from './sessions-workers-contract.js';
import type { StoreFactory } from './store-harness.js';
import { timeContract } from './time-contract.js';
import { usageContract } from './usage-contract.js';

const CONTRACTS: readonly ((makePlace: StoreFactory) => void)[] = [
  lifecycleContract,
  questionsContract,
  repositoriesContract,
  leasesContract,
  timeContract,
  fairClaimContract,
  fairSharesContract,
  servicesContract,
  sessionsAndWorkersContract,
  flagsContract,
  firstInContract,
  auditContract,
  clientsContract,
  usageContract,
  breakerContract,
  listingsContract,
  loginsContract,
  memoriesContract,
  modelContract,
];

/** What every engine of the store has to keep, whatever it is made of. */
export function storeContract(engine: string, makePlace: StoreFactory): void {
  describe(`store contract on ${engine}`, () => {
    // Each in a suite of its own: the hooks of one are not run for the tests of the others.
    for (const contract of CONTRACTS) describe(contract.name, () => contract(makePlace));
  });
}
