import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hostFilePath, hostLogPath, localDataDir } from '../../src/local/host/data-dir.js';
import { hostState, isProcessAlive } from '../../src/local/host/health.js';
import { type HostInfo, readHostFile, writeHostFile } from '../../src/local/host/host-file.js';
import { ensureLocalHost, stopLocalHost } from '../../src/local/host/launcher.js';
import { withSampleData } from '../setup/sample-data.js';
import { finder } from './local-host/serving.js';
import { connect, destroy, run } from './local-wire/driver.js';

let root: string;
let dataDir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-host-'));
  dataDir = withSampleData(localDataDir(join(root, 'team.db')));
});

afterEach(async () => {
  await stopLocalHost(dataDir);
  rmSync(root, { recursive: true, force: true });
});

const login = (host: HostInfo) => connect(host.url, { username: 'mcp_snow', password: host.token });

const modeOf = (path: string) => statSync(path).mode & 0o777;

const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 15_000, interval: 20 });

test('is started by whoever needs it first, and found by the next', async () => {
  const first = await ensureLocalHost({ dataDir });
  expect(await ensureLocalHost({ dataDir })).toEqual(first);
  const elsewhere = finder(dataDir);
  expect(JSON.parse(await elsewhere.line())).toMatchObject({ pid: first.pid, url: first.url });
  expect(await elsewhere.ended()).toBe(0);
  const connection = await login(first);
  expect((await run(connection, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
  await destroy(connection);
  expect([modeOf(dataDir), modeOf(hostFilePath(dataDir)), modeOf(hostLogPath(dataDir))]).toEqual([0o700, 0o600, 0o600]);
  const commandLine = readFileSync(`/proc/${first.pid}/cmdline`, 'utf8');
  expect(commandLine + readFileSync(hostLogPath(dataDir), 'utf8')).not.toContain(first.token);
});

test('is one, however many start it at once', async () => {
  rmSync(dataDir, { recursive: true });
  const starters = Array.from({ length: 4 }, () => finder(dataDir));
  const found = await Promise.all(starters.map(async (starter) => JSON.parse(await starter.line()) as { pid: number }));
  expect(new Set(found.map(({ pid }) => pid)).size).toBe(1);
  expect(await Promise.all(starters.map((starter) => starter.ended()))).toEqual([0, 0, 0, 0]);
});

test('is replaced when it was killed, and nothing committed is lost', async () => {
  const first = await ensureLocalHost({ dataDir });
  const before = await login(first);
  await run(before, 'create database KEPT');
  await run(before, 'create table KEPT.PUBLIC.T (A int)');
  await run(before, 'insert into KEPT.PUBLIC.T values (1), (2)');
  process.kill(first.pid, 'SIGKILL');
  await until(() => !isProcessAlive(first.pid));
  const second = await ensureLocalHost({ dataDir });
  expect(second.pid).not.toBe(first.pid);
  const after = await login(second);
  expect((await run(after, 'select sum(A) as S from KEPT.PUBLIC.T')).rows).toEqual([{ S: 3 }]);
  await destroy(after);
});

test('is waited for while it ends, and started again then', async () => {
  const first = await ensureLocalHost({ dataDir });
  process.kill(first.pid, 'SIGTERM');
  // One that has not yet seen the signal still is the one to be found.
  let second = await ensureLocalHost({ dataDir });
  await vi.waitUntil(
    async () => {
      second = await ensureLocalHost({ dataDir });
      return second.pid !== first.pid;
    },
    { timeout: 15_000, interval: 20 },
  );
  expect(await hostState(second, 10_000)).toBe('alive');
  await until(() => !isProcessAlive(first.pid));
  expect((await ensureLocalHost({ dataDir })).pid).toBe(second.pid);
});

test('is replaced when its host file is about another life of the machine, or no host file at all', async () => {
  const first = await ensureLocalHost({ dataDir });
  await stopLocalHost(dataDir);
  writeHostFile(dataDir, { ...first, pid: process.pid, bootId: 'another boot' });
  const second = await ensureLocalHost({ dataDir });
  expect(second.pid).not.toBe(process.pid);
  await stopLocalHost(dataDir);
  writeFileSync(hostFilePath(dataDir), '{"url": 5}');
  expect(await hostState(await ensureLocalHost({ dataDir }), 1000)).toBe('alive');
});

test('of an older version is used as long as somebody needs it, then replaced; a newer one never is', async () => {
  const first = await ensureLocalHost({ dataDir });
  const connection = await login(first);
  writeHostFile(dataDir, { ...first, version: '0.0.1' });
  expect((await ensureLocalHost({ dataDir })).pid).toBe(first.pid);
  await destroy(connection);
  writeHostFile(dataDir, { ...first, version: '999.0.0' });
  expect((await ensureLocalHost({ dataDir })).pid).toBe(first.pid);
  writeHostFile(dataDir, { ...first, version: '0.0.1', managed: false });
  expect((await ensureLocalHost({ dataDir })).pid).toBe(first.pid);
  writeHostFile(dataDir, { ...first, version: '0.0.1' });
  const second = await ensureLocalHost({ dataDir });
  expect(second.pid).not.toBe(first.pid);
  expect(second.version).toBe(first.version);
  expect(isProcessAlive(first.pid)).toBe(false);
});

test('is reported when it is stopped, and found again when it goes on', async () => {
  const host = await ensureLocalHost({ dataDir });
  process.kill(host.pid, 'SIGSTOP');
  try {
    const error = await ensureLocalHost({ dataDir }).catch((thrown) => thrown);
    expect(error).toMatchObject({
      name: 'HostError',
      message: expect.stringContaining(`process ${host.pid}`),
      hint: expect.stringContaining(`kill -CONT ${host.pid}`),
    });
    expect(error.message).toContain('is stopped');
    expect(isProcessAlive(host.pid)).toBe(true);
  } finally {
    process.kill(host.pid, 'SIGCONT');
  }
  expect(await ensureLocalHost({ dataDir })).toEqual(host);
});

test('is reported by its number when its data is held but its host file is gone', async () => {
  const host = await ensureLocalHost({ dataDir });
  rmSync(hostFilePath(dataDir));
  // The process that finds the data held needs a second or so to say it; where it gets no processor, longer.
  let error: Error | undefined;
  for (const startTimeoutMs of [1_500, 12_000]) {
    error = await ensureLocalHost({ dataDir, startTimeoutMs }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    if (error?.message.includes(String(host.pid))) break;
  }
  expect(error).toMatchObject({ name: 'HostError', message: expect.stringContaining(String(host.pid)) });
  writeHostFile(dataDir, host);
});

test('ends by itself when nobody needs it, and leaves no host file', async () => {
  const host = await ensureLocalHost({ dataDir, idleExitMs: 400 });
  await until(() => !isProcessAlive(host.pid));
  expect(readHostFile(dataDir)).toBeUndefined();
});

test('ends when its directory is gone', async () => {
  const host = await ensureLocalHost({ dataDir, idleExitMs: 8000 });
  rmSync(dataDir, { recursive: true });
  await until(() => !isProcessAlive(host.pid));
});

test('stays while a statement runs, however long nobody asks', async () => {
  const host = await ensureLocalHost({ dataDir, idleExitMs: 300 });
  const connection = await login(host);
  const asked = Date.now();
  const { rows } = await run(connection, "call system$wait(1500, 'MILLISECONDS')");
  expect(rows).toHaveLength(1);
  expect(Date.now() - asked).toBeGreaterThan(1400);
  await destroy(connection);
  await until(() => !isProcessAlive(host.pid));
});

test('says why it does not start', async () => {
  writeFileSync(join(dataDir, 'snowflake.duckdb'), 'this is no database');
  const error = await ensureLocalHost({ dataDir }).catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'HostError', hint: expect.stringContaining('host.log') });
  expect(error.message).toMatch(
    /^The local Snowflake did not start \(exit code 1\): The local Snowflake cannot open its data/,
  );
});

test('says in which directory it could not start, and why', async () => {
  writeFileSync(join(root, 'file'), '');
  const error = await ensureLocalHost({ dataDir: join(root, 'file', 'data') }).catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'HostError', message: expect.stringContaining('ENOTDIR') });
});
