import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface StagedFile {
  /** From the stage's own folder, with `/` between the parts. */
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** Begins the key of a folder outside. */
const OUTSIDE = 'file:';

const UNFINISHED = /^\.unloading-[0-9a-f-]{36}$/;

/** Where a file is written before it takes its name: beside it, and in no list. */
export function unfinished(target: string): string {
  return join(dirname(target), `.unloading-${randomUUID()}`);
}

/** The files of all stages: one folder for each stage, table or user that has any. */
export class StageFiles {
  readonly #root: string;
  readonly #folders: readonly string[];

  /** `folders`: those outside that stages with a `file://` URL may lie in. */
  constructor(root: string, folders: readonly string[] = []) {
    this.#root = root;
    this.#folders = folders;
  }

  /** Where the files of that stage lie; `key` is `s12`, `t12`, `u…`, or what `outside` gave. */
  directory(key: string): string {
    return key.startsWith(OUTSIDE) ? key.slice(OUTSIDE.length) : join(this.#root, key);
  }

  /** The key of a folder outside, symbolic links followed; undefined for one that is not allowed. */
  async outside(path: string): Promise<string | undefined> {
    const real = await realpath(path).catch(() => undefined);
    for (const folder of this.#folders) {
      const allowed = await realpath(folder).catch(() => undefined);
      if (real !== undefined && allowed !== undefined && `${real}/`.startsWith(`${allowed}/`))
        return `${OUTSIDE}${real}`;
    }
    return undefined;
  }

  async make(key: string): Promise<string> {
    const directory = this.directory(key);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  /** Files whose path begins with the prefix, by path. */
  async list(key: string, prefix: string): Promise<StagedFile[]> {
    const directory = this.directory(key);
    const found: StagedFile[] = [];
    for (const path of await pathsUnder(directory)) {
      if (!path.startsWith(prefix)) continue;
      const absolute = join(directory, path);
      const file = await stat(absolute).catch(absent);
      // Another session may have removed it since its folder was read.
      if ('size' in file) found.push({ path, absolute, bytes: file.size, modifiedAt: file.mtimeMs });
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** A folder of its own for files on their way; `removeAll` of its key takes it away. */
  scratch(): { readonly key: string; readonly directory: string } {
    const key = `x${randomUUID()}`;
    return { key, directory: this.directory(key) };
  }

  async removeFile(file: StagedFile): Promise<void> {
    await rm(file.absolute, { force: true });
  }

  async removeAll(key: string): Promise<void> {
    if (key.startsWith(OUTSIDE)) throw new RangeError("a folder outside is not the local Snowflake's to remove");
    await rm(this.directory(key), { recursive: true, force: true });
  }

  /** Removes what belongs to no stage and no table any more. Only while no session is open. */
  async keepOnly(wanted: (key: string) => boolean): Promise<void> {
    for (const key of await entriesOf(this.#root)) if (!wanted(key)) await this.removeAll(key);
  }
}

/** Lower-case hex. */
export async function md5Of(file: StagedFile): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(file.absolute), hash);
  return hash.digest('hex');
}

async function pathsUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(absent);
  return entries
    .filter((entry) => entry.isFile() && !UNFINISHED.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}

async function entriesOf(directory: string): Promise<string[]> {
  return await readdir(directory).catch(absent);
}

function absent(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Whether the path stays inside the folder that it is taken from. */
export function staysInside(path: string): boolean {
  return !path.includes('\0') && !path.split('/').includes('..') && dirname(path) !== '..';
}
