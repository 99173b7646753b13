import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, vi } from 'vitest';
import { isProcessAlive } from '../../src/local/host/health.js';
import type { HostInfo } from '../../src/local/host/host-file.js';
import { ensureLocalHost, stopLocalHost } from '../../src/local/host/launcher.js';
import { withSampleData } from '../setup/sample-data.js';
import { connect } from './local-wire/driver.js';

export interface LocalSnowflake {
  readonly host: HostInfo;
  /** A session of the official driver, the same for all tests of a file. */
  readonly connection: Connection;
  /** Kills the engine's process with SIGKILL and opens a session with its successor. */
  replace(): Promise<void>;
}

/** A local Snowflake in a process of its own on data of its own, for the tests of one file. */
export function localSnowflake(name: string): LocalSnowflake {
  let dataDir: string;
  const local = {
    host: undefined as unknown as HostInfo,
    connection: undefined as unknown as Connection,
    async replace() {
      process.kill(local.host.pid, 'SIGKILL');
      await vi.waitUntil(() => !isProcessAlive(local.host.pid), { timeout: 10_000 });
      await open();
    },
  };
  async function open(): Promise<void> {
    local.host = await ensureLocalHost({ dataDir });
    local.connection = await connect(local.host.url, { username: 'mcp_snow', password: local.host.token });
  }
  beforeAll(async () => {
    dataDir = withSampleData(mkdtempSync(join(tmpdir(), `${name}-`)));
    await open();
  });
  afterAll(async () => {
    await stopLocalHost(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return local;
}
