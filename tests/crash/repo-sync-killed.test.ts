import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createGateway } from '../../src/gateway/gateway.js';
import { syncRequest } from '../../src/gateway/repository-requests.js';
import type { Gateway } from '../../src/gateway/requests.js';
import { indexPath } from '../../src/memory/repositories/index-path.js';
import { syncFolder } from '../../src/memory/repositories/sync.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { indexContent } from '../unit/memory/index-content.js';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'mcp-snow.js');
const FILES = 300;
const KILLS = Number(process.env.MCP_SNOW_SYNC_KILLS ?? 3);
const THEN = new Date('2020-01-01');
const ADA = { client: 'ada' };

describe('a sync whose worker is killed in the middle, again and again', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcp-snow-sync-killed-')));
  const db = join(folder, 'store.db');
  const code = join(folder, 'code');
  const workers = new Set<ChildProcess>();
  let store: Store;
  let gateway: Gateway;

  beforeAll(async () => {
    for (let n = 0; n < FILES; n += 1) {
      const path = join(code, `models_${n % 9}`, `model_${n}.sql`);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(
        path,
        `with base as (select column_${n}, other_${n % 7} from raw.table_${n % 5})\nselect * from base;\n`.repeat(60),
      );
      utimesSync(path, THEN, THEN);
    }
    store = await openSqliteStore({ path: db });
    gateway = createGateway({ store, connection: 'local', allow: ['read'], version: 'test' });
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await gateway.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function startWorker(): Promise<ChildProcess> {
    const own = Object.entries(process.env).filter(([name]) => !/^(SNOWFLAKE|MCP_SNOW|XDG)_/.test(name));
    const child = spawn(
      process.execPath,
      [BIN, '--db', db, '--json', 'worker', '--lanes', 'code:1', '--lease-ms', '600'],
      {
        cwd: folder,
        env: { ...Object.fromEntries(own), HOME: folder, MCP_SNOW_REPOSITORIES_FOLDERS: code },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    workers.add(child);
    child.once('exit', () => workers.delete(child));
    await once(createInterface({ input: child.stdout }), 'line');
    return child;
  }

  /** Files that the draft holds. */
  function indexed(): number {
    try {
      const [key] = readdirSync(`${db}-code`);
      const draft = new Database(indexPath(join(`${db}-code`, String(key)), 1), {
        readonly: true,
        fileMustExist: true,
      });
      try {
        return draft.prepare('SELECT count(*) FROM files').pluck().get() as number;
      } finally {
        draft.close();
      }
    } catch {
      return 0;
    }
  }

  it('ends up with the index of an undisturbed one', { timeout: 60_000 }, async () => {
    const { job_id: id } = await gateway.startOperation(ADA, { ...syncRequest({ path: code }), attempts: KILLS + 3 });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const worker = await startWorker();
      const enough = ((kill + 1) * FILES) / (KILLS + 2);
      await vi.waitFor(() => expect(indexed()).toBeGreaterThanOrEqual(enough), { timeout: 20_000, interval: 5 });
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      // What was indexed is not indexed again.
      expect(indexed()).toBeGreaterThanOrEqual(enough);
    }
    await startWorker();
    await vi.waitFor(async () => expect((await store.find(id))?.state).toBe('succeeded'), {
      timeout: 30_000,
      interval: 20,
    });
    const job = await store.find(id);
    expect(job?.attempts).toBeGreaterThan(1);
    const [repository] = await store.listRepositories({ ...ADA, owner: 'ada', quotas: true }, 'own');
    expect(repository).toMatchObject({ generation: 1, facts: { files: FILES } });

    const into = mkdtempSync(join(folder, 'undisturbed-'));
    const limits = { files: 10_000, bytes: 1e9, fileBytes: 1_048_576 };
    syncFolder(
      { folder: code, indexFolder: into, generation: 0, fence: 1, limits, full: false },
      { look: () => {}, progress: () => {} },
    );
    const made = indexPath(join(`${db}-code`, repository?.key ?? ''), 1);
    expect(indexContent(made)).toEqual(indexContent(indexPath(into, 1)));
  });
});
