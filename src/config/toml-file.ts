import { readFileSync, statSync } from 'node:fs';
import { SnowError } from '../errors/snow-error.js';

export type TomlTable = Readonly<Record<string, unknown>>;

/** The tables of a TOML file; undefined when there is no file. Throws `INVALID_ARGUMENT` with file and line, never with the file's text. */
export async function readToml(path: string): Promise<TomlTable | undefined> {
  const text = textOf(path);
  if (text === undefined) return undefined;
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Further lines of the parser's message quote the file, which may hold a password.
    const what = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? 'it is not TOML';
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${path}, line ${error.line}, column ${error.column}: ${what}.`,
      hint: 'Correct the file; strings in TOML stand in quotes.',
    });
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${path} cannot be read (${code ?? 'unknown error'}).`,
      hint: 'Check what it is and who may read it.',
    });
  }
}

/** True when others than the owner may read the file. Windows has no such bits. */
export function isReadableByOthers(path: string, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return false;
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0;
}
