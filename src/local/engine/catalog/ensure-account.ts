import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog } from './catalog.js';
import { ACCOUNT, type NamedEntry } from './entries.js';
import { installSample } from './install-sample.js';

export const OWNER = 'ACCOUNTADMIN';
const WAREHOUSE = 'COMPUTE_WH';
const ROLES = ['ACCOUNTADMIN', 'ORGADMIN', 'PUBLIC', 'SECURITYADMIN', 'SYSADMIN', 'USERADMIN'];

export interface AccountOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** 0 leaves the sample database out. */
  readonly sampleScale: number;
  /** Users whom the settings let in. In upper case. */
  readonly users: readonly string[];
}

/** What every account has from the start: the system roles, one warehouse, the users of the settings, the sample database. */
export async function ensureAccount(
  catalog: Catalog,
  connection: DuckDBConnection,
  options: AccountOptions,
): Promise<void> {
  const edit = catalog.edit();
  const named = (kind: NamedEntry['kind'], name: string, attributes: Readonly<Record<string, string>>): void => {
    if (catalog.find(ACCOUNT, kind, name) !== undefined) return;
    edit.put({
      kind,
      id: catalog.nextId(),
      parent: ACCOUNT,
      name,
      createdAt: options.now,
      owner: OWNER,
      comment: '',
      attributes,
    });
  };
  for (const role of ROLES) named('role', role, {});
  for (const user of options.users) named('user', user, {});
  named('warehouse', WAREHOUSE, { size: 'X-Small' });
  if (edit.changes.size > 0) {
    await connection.run('BEGIN TRANSACTION');
    await catalog.write(edit, connection);
    await connection.run('COMMIT');
    catalog.apply(edit);
  }
  if (options.sampleScale > 0) await installSample(catalog, connection, options);
}
