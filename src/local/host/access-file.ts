import { readFileSync } from 'node:fs';
import type { AccessSettings } from '../access/settings.js';
import { HostError } from './host-error.js';

/** A TOML file that says who is let in. */
export const ACCESS_FILE = 'MCP_SNOW_LOCAL_ACCESS';

/** What that file says; undefined where none is named. Throws a `HostError` for one that cannot be read or is not as it should be. */
export async function accessFrom(env: NodeJS.ProcessEnv): Promise<AccessSettings | undefined> {
  const path = env[ACCESS_FILE];
  if (path === undefined || path === '') return undefined;
  const [{ parse }, { accessSettings }] = await Promise.all([import('smol-toml'), import('../access/settings.js')]);
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // A parser's message shows the line, and a line may hold a password.
    const why = (error as NodeJS.ErrnoException).code ?? 'it is not TOML';
    throw new HostError(
      `The access file ${path} cannot be read: ${why}.`,
      `Look at ${ACCESS_FILE}, or local.access in the settings.`,
    );
  }
  const checked = accessSettings.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new HostError(
    `The access file ${path} is not as it should be: ${where === '' ? '' : `${where}: `}${issue?.message}.`,
    'It has [[users]] with name, password, api_key, rsa_public_key, roles, read, write, and [jwt].',
  );
}
