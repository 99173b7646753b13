import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepCompiledCode } from '../../../src/cli/compiled-code.js';

describe('compiled code', () => {
  let home: string;
  const folders: string[] = [];
  const enable = (folder: string) => folders.push(folder);
  const around = (env: NodeJS.ProcessEnv) => () => ({ env, home, cwd: home, platform: process.platform });

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'mcp-snow-compiled-'));
    folders.length = 0;
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('is kept in a folder of the user’s own', () => {
    keepCompiledCode(around({}), enable);
    keepCompiledCode(around({ XDG_CACHE_HOME: join(home, 'elsewhere') }), enable);
    expect(folders).toEqual([join(home, '.cache', 'mcp-snow'), join(home, 'elsewhere', 'mcp-snow')]);
    for (const folder of folders) expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is not kept where there is no place for it, and nothing fails for that', () => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    keepCompiledCode(around({ XDG_CACHE_HOME: file }), enable);
    keepCompiledCode(() => {
      throw new Error('no home');
    }, enable);
    keepCompiledCode(around({}), undefined);
    expect(folders).toEqual([]);
  });

  it('is there after the first command, where Node can keep it', () => {
    const cache = join(home, 'cache');
    mkdirSync(cache);
    const env = { ...process.env, HOME: home, XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: '' };
    const said = execFileSync(process.execPath, ['bin/mcp-snow.js', '--version'], { env, encoding: 'utf8' });
    expect(said).toMatch(/^\d+\.\d+\.\d+\n$/);
    const kept = readdirSync(cache, { recursive: true });
    if ('enableCompileCache' in module) expect(kept.length).toBeGreaterThan(5);
    else expect(kept).toEqual([]);
  });
});
