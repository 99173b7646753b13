import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ACCESS_FILE, accessFrom } from '../../../src/local/host/access-file.js';

const folder = mkdtempSync(join(tmpdir(), 'access-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (text: string) => {
  const path = join(folder, 'access.toml');
  writeFileSync(path, text);
  return accessFrom({ [ACCESS_FILE]: path });
};

test('says who is let in', async () => {
  expect(await accessFrom({})).toBeUndefined();
  expect(await read('[[users]]\nname = "alice"\npassword = "wonder"\n')).toEqual({
    users: [{ name: 'alice', password: 'wonder' }],
  });
});

test.each([
  ['is not TOML', '[[users]\npassword = "wonder"', 'it is not TOML'],
  ['has an unknown setting', '[[users]]\nname = "a"\npasword = "wonder"', 'users.0'],
  ['has a user without a name', '[[users]]\npassword = "wonder"', 'users.0.name'],
  ['has a key that is none', '[[users]]\nname = "a"\nrsa_public_key = "wonder"', 'RSA public key'],
  ['has a short key', '[[users]]\nname = "a"\napi_key = "wonder"', 'users.0.api_key'],
  ['trusts tokens by nothing', '[jwt]\nissuer = "wonder"', 'either a secret or a public_key'],
])('a file that %s is refused without what it holds', async (_, text, told) => {
  const error = (await read(text).catch((thrown: unknown) => thrown)) as Error;
  expect(error.name).toBe('HostError');
  expect(error.message).toContain(told);
  expect(error.message).not.toContain('wonder');
});

test('a file that is not there is told with its name', async () => {
  await expect(accessFrom({ [ACCESS_FILE]: join(folder, 'none.toml') })).rejects.toThrow(/none\.toml.*ENOENT/);
});
