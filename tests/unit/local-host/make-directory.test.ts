import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectory } from '../../../src/local/host/make-directory.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'make-directory-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('makes what is missing, for its owner only, and is content with what is there', () => {
  const path = join(root, 'a', 'b', 'c');
  makeDirectory(path);
  makeDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test.runIf(process.platform === 'linux')('comes back where the system lets nobody make a directory', () => {
  expect(() => makeDirectory('/proc/nowhere/data')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test('does not take a file for a directory', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  expect(() => makeDirectory(file)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  expect(() => makeDirectory(join(file, 'data'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
});
