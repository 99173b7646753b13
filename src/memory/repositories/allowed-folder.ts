import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, normalize, sep } from 'node:path';
import { SnowError } from '../../errors/snow-error.js';

/**
 * The folder's path without symbolic links, if it lies in a folder that the settings allow. Nothing is told of what lies
 * elsewhere, not even whether it is there.
 *
 * @param allowed absolute paths
 * @throws `NOT_PERMITTED` for any other folder, `NOT_FOUND` when it is not there, `INVALID_ARGUMENT` for what is no folder.
 */
export async function allowedFolder(path: string, allowed: readonly string[]): Promise<string> {
  if (!isAbsolute(path) || path.includes('\0')) throw notAbsolute(path);
  const asked = withoutSlash(normalize(path));
  const roots = [...allowed.map(withoutSlash), ...(await Promise.all(allowed.map(realPathOf)))];
  if (!roots.some((root) => root !== undefined && isWithin(asked, root))) throw notAllowed(asked, allowed);
  const real = await realPathOf(asked);
  if (real === undefined)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `There is no folder ${asked}.`,
      hint: 'Give the path of a folder on the machine that mcp-snow runs on.',
    });
  // A link in it may lead out.
  if (!roots.some((root) => root !== undefined && isWithin(real, root))) throw notAllowed(asked, allowed);
  if ((await stat(real)).isDirectory()) return real;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${asked} is no folder.`,
    hint: 'Give the path of a folder.',
  });
}

async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root === sep ? sep : `${root}${sep}`);
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
}

function notAbsolute(path: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${JSON.stringify(path.slice(0, 200))} is no absolute path.`,
    hint: 'Give the whole path of a folder on the machine that mcp-snow runs on.',
  });
}

function notAllowed(path: string, allowed: readonly string[]): SnowError {
  const line = `folders = ${JSON.stringify([...allowed, path])}`;
  return new SnowError({
    code: 'NOT_PERMITTED',
    message:
      allowed.length === 0
        ? 'No folder may be indexed: the settings name none.'
        : `${path} lies in no folder that the settings allow.`,
    hint: `Who runs mcp-snow can allow it in mcp-snow.toml, under [repositories]: ${line}`,
  });
}
