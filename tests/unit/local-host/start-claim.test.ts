import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startClaimPath } from '../../../src/local/host/data-dir.js';
import { claimStart } from '../../../src/local/host/start-claim.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'start-claim-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('one has the claim until it is withdrawn', () => {
  const withdraw = claimStart(dataDir);
  expect(withdraw).toBeDefined();
  expect(claimStart(dataDir)).toBeUndefined();
  withdraw?.();
  expect(claimStart(dataDir)).toBeDefined();
});

test('the claim of a dead process is taken over', () => {
  // No process has a number as high as this.
  writeFileSync(startClaimPath(dataDir), '4194999');
  expect(claimStart(dataDir)).toBeDefined();
});

test('a claim nobody withdrew for minutes is taken over', () => {
  claimStart(dataDir);
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(startClaimPath(dataDir), longAgo, longAgo);
  const withdraw = claimStart(dataDir);
  expect(withdraw).toBeDefined();
  withdraw?.();
  expect(existsSync(startClaimPath(dataDir))).toBe(false);
});
