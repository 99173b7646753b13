import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import { storeContract } from './store-contract.js';

storeContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-store-'));
  return {
    open: (options) => openSqliteStore({ path: join(folder, 'store.db'), ...options }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});
