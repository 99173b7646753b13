import type { JobKind } from './job.js';
import type { OperationClass } from './usage-store.js';

/** What each kind of job counts as for rates and quotas. */
export const CLASS_OF_KIND: Readonly<Record<JobKind, OperationClass>> = {
  query: 'query',
  metadata: 'metadata',
  memory: 'memory',
  'repo-sync': 'sync',
  export: 'query',
};
