import type { Tool } from '../tool.js';
import { describeTable } from './describe-table.js';
import { getSession } from './get-session.js';
import { jobCancel } from './job-cancel.js';
import { jobResult } from './job-result.js';
import { jobStatus } from './job-status.js';
import { listDatabases } from './list-databases.js';
import { listJobs } from './list-jobs.js';
import { listSchemas } from './list-schemas.js';
import { listTables } from './list-tables.js';
import { listViews } from './list-views.js';
import { query } from './query.js';
import { serverStatus } from './server-status.js';
import { setSession } from './set-session.js';
import { startQuery } from './start-query.js';

/** The core toolset, in the order in which it is listed. Order and names are stable: clients cache and pin them. */
export const CORE_TOOLS: readonly Tool[] = [
  listDatabases,
  listSchemas,
  listTables,
  listViews,
  describeTable,
  query,
  startQuery,
  jobStatus,
  jobResult,
  jobCancel,
  listJobs,
  getSession,
  setSession,
  serverStatus,
];
