import type { SessionContext } from './engine.js';
import type { SessionNames } from './session-names.js';

const DEFAULT_ROLE = 'ACCOUNTADMIN';

/** Names at login that do not exist leave the session without a current one, as in Snowflake. */
export function loginContext(names: SessionNames, wanted: SessionContext): SessionContext {
  const database = wanted.database === undefined ? undefined : names.findDatabase(wanted.database);
  const schemaName = wanted.schema ?? 'PUBLIC';
  const schema = database === undefined ? undefined : names.findSchema(database, schemaName);
  return {
    ...(database === undefined ? {} : { database: database.name }),
    ...(schema === undefined ? {} : { schema: schema.name }),
    warehouse: wanted.warehouse ?? 'COMPUTE_WH',
    role: names.rights?.role ?? wanted.role ?? DEFAULT_ROLE,
  };
}
