import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsFileText } from '../../../src/cli/settings-file.js';
import { loadSettings } from '../../../src/config/settings.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-snow-init-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function settingsOf(text: string) {
  const config = join(folder, 'mcp-snow.toml');
  writeFileSync(config, text);
  return await loadSettings({ config, surroundings: { env: {}, home: folder, cwd: folder, platform: 'linux' } });
}

describe('the file that init writes', () => {
  it('says what holds without it', async () => {
    const { file, ...settings } = await settingsOf(settingsFileText({}));
    const { file: _none, ...defaults } = await loadSettings({
      surroundings: { env: {}, home: folder, cwd: '/', platform: 'linux' },
    });
    expect(settings).toEqual(defaults);
    const uncommented = settingsFileText({}).replace(/^# (?=[a-z_]+ = )/gm, '');
    expect({ ...(await settingsOf(uncommented)), file: undefined }).toEqual({
      ...defaults,
      connection: 'local',
      file: undefined,
    });
  });

  it('holds any path it is given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 40 }), async (name) => {
        fc.pre(!name.includes('\0') && !name.includes('/') && name !== '.' && name !== '..');
        const db = `/data/${name}`;
        expect((await settingsOf(settingsFileText({ db }))).db).toBe(db);
      }),
      { numRuns: 50 },
    );
  });
});
