import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { migrate } from '../../src/store/sqlite/migrator.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import { storeContract } from './store-contract.js';

/** In memory where the system has such a folder: none of this is about what outlives the machine, and all of it would wait for the disk. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let template: string;

beforeAll(async () => {
  template = await mkdtemp(join(FOLDER, 'mcp-snow-template-'));
  await migrate(join(template, 'store.db'));
});
afterAll(() => rm(template, { recursive: true, force: true }));

// Every store begins as a copy: that all migrations are applied to an empty file once is enough.
storeContract('SQLite', async () => {
  const folder = await mkdtemp(join(FOLDER, 'mcp-snow-store-'));
  const path = join(folder, 'store.db');
  await copyFile(join(template, 'store.db'), path);
  return {
    open: (options) => openSqliteStore({ path, synchronous: 'NORMAL', ...options }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});
