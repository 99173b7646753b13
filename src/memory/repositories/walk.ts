import { isUtf8 } from 'node:buffer';
import { closeSync, type Dir, lstatSync, opendirSync } from 'node:fs';
import { SnowError } from '../../errors/snow-error.js';
import { IgnoreRules } from './ignore-rules.js';
import { absolute, openInside, type Place, refusedBy } from './inside-folder.js';
import { type NotText, TextReader } from './read-text.js';

export interface FoundFile extends Place {
  readonly size: number;
  /** Time of its last change, in ms since the epoch. */
  readonly modified: number;
}

export interface WalkLimits {
  /** Most files, and their bytes in all. More of either is refused. */
  readonly files: number;
  readonly bytes: number;
  /** A larger file is left out. */
  readonly fileBytes: number;
}

/** Why something was left out of the index. */
export type SkipReason = NotText | 'ignored';

/** What was left out, and why. */
export class Skipped {
  readonly counts: Partial<Record<SkipReason, number>> = {};
  readonly examples: { readonly path: string; readonly why: SkipReason }[] = [];

  /** What is left out as the rules say is counted only. */
  add(path: string, why: SkipReason): void {
    this.counts[why] = (this.counts[why] ?? 0) + 1;
    if (why !== 'ignored' && why !== 'binary' && this.examples.length < MOST_EXAMPLES)
      this.examples.push({ path: path.slice(0, 500), why });
  }
}

export interface Found {
  /** In the order of their paths. */
  readonly files: readonly FoundFile[];
  readonly bytes: number;
}

const MOST_EXAMPLES = 20;

/** Names looked at for each file that may be indexed: a folder with more of them than this in all is no repository. */
const NAMES_PER_FILE = 20;

const LARGEST_RULES = 256 * 1024;

interface Folder extends Place {
  readonly rules: IgnoreRules;
}

interface Name {
  readonly place: Place;
  readonly kind: 'file' | 'folder' | 'link' | 'special';
}

/**
 * Finds the files under `root` (a path without symbolic links) that are to be indexed. Symbolic links are never followed.
 *
 * @param look called now and then with the number of files found so far; what it throws ends the walk.
 * @throws `INVALID_ARGUMENT` when there is more than the limits allow.
 */
export function walkFolder(root: string, limits: WalkLimits, skipped: Skipped, look: (files: number) => void): Found {
  const files: FoundFile[] = [];
  const seen = new Set<string>();
  const reader = new TextReader(root, LARGEST_RULES);
  let bytes = 0;
  let names = 0;
  const take = (file: FoundFile): void => {
    // Two names that are written alike, one of them not UTF-8.
    if (file.raw !== undefined && seen.has(file.path)) return skipped.add(file.path, 'unreadable');
    seen.add(file.path);
    files.push(file);
    bytes += file.size;
    if (files.length > limits.files) throw tooMuch(`more than ${limits.files} files`, 'repositories.max_files');
    if (bytes > limits.bytes) throw tooMuch(`more than ${limits.bytes >> 20} MB of text`, 'repositories.max_mb');
  };
  const open: Folder[] = [{ path: '', rules: rulesOfClone(reader) }];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    look(files.length);
    const listed = namesIn(root, folder, skipped, () => {
      names += 1;
      if (names > limits.files * NAMES_PER_FILE)
        throw tooMuch(`more than ${names - 1} names`, 'repositories.max_files');
      if (names % 1_000 === 0) look(files.length);
    });
    const rules = withOwnRules(reader, folder, listed);
    for (const { place, kind } of listed) {
      if (rules.ignores(place.path, kind === 'folder')) skipped.add(place.path, 'ignored');
      else if (kind === 'folder') open.push({ ...place, rules });
      else if (kind !== 'file') skipped.add(place.path, kind);
      else {
        const file = fileAt(root, place, limits, skipped);
        if (file !== undefined) take(file);
      }
    }
  }
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { files, bytes };
}

function fileAt(root: string, place: Place, limits: WalkLimits, skipped: Skipped): FoundFile | undefined {
  try {
    const stats = lstatSync(absolute(root, place));
    if (stats.size <= limits.fileBytes) return { ...place, size: stats.size, modified: stats.mtimeMs };
    skipped.add(place.path, 'too-large');
  } catch (failure) {
    skipped.add(place.path, refusedBy(failure));
  }
  return undefined;
}

/** What lies in a folder, in no particular order. */
function namesIn(root: string, folder: Folder, skipped: Skipped, onName: () => void): readonly Name[] {
  const opened = openInside(root, folder, 'folder');
  if (typeof opened === 'string') {
    skipped.add(folder.path, opened);
    return [];
  }
  let listing: Dir | undefined;
  try {
    // By its descriptor, so that it is the folder that was checked.
    const at = process.platform === 'linux' ? `/proc/self/fd/${opened.fd}` : absolute(root, folder);
    listing = opendirSync(at as string, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
    const found: Name[] = [];
    for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
      onName();
      const kind = entry.isFile()
        ? 'file'
        : entry.isDirectory()
          ? 'folder'
          : entry.isSymbolicLink()
            ? 'link'
            : 'special';
      found.push({ place: placeOf(folder, entry.name as unknown as Buffer), kind });
    }
    return found;
  } catch (failure) {
    if (failure instanceof SnowError) throw failure;
    skipped.add(folder.path, refusedBy(failure));
    return [];
  } finally {
    listing?.closeSync();
    closeSync(opened.fd);
  }
}

function placeOf(folder: Place, name: Buffer): Place {
  const text = isUtf8(name) ? name.toString('utf8') : escaped(name);
  const path = folder.path === '' ? text : `${folder.path}/${text}`;
  if (folder.raw === undefined && isUtf8(name)) return { path };
  const above = folder.raw ?? Buffer.from(folder.path);
  return { path, raw: above.length === 0 ? name : Buffer.concat([above, Buffer.from('/'), name]) };
}

function escaped(name: Buffer): string {
  return [...name]
    .map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase()}`))
    .join('');
}

/** What git keeps apart from the files. */
function rulesOfClone(reader: TextReader): IgnoreRules {
  const exclude = reader.read({ path: '.git/info/exclude' });
  const rules = new IgnoreRules();
  return typeof exclude === 'string' ? rules : rules.with('', exclude.text);
}

function withOwnRules(reader: TextReader, folder: Folder, listed: readonly Name[]): IgnoreRules {
  const own = listed.find(({ place, kind }) => kind === 'file' && /(^|\/)\.gitignore$/.test(place.path));
  const text = own === undefined ? undefined : reader.read(own.place);
  return text === undefined || typeof text === 'string' ? folder.rules : folder.rules.with(folder.path, text.text);
}

function tooMuch(what: string, setting: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The folder has ${what}.`,
    hint: `Name a folder further down, leave out with .gitignore what is not wanted, or raise ${setting}.`,
  });
}
