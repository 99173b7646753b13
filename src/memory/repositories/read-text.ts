import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { openInside, type Place, type Refused, refusedBy } from './inside-folder.js';

/** A file that is text, as it was at one moment. */
export interface TextFile {
  readonly text: string;
  /** SHA-256 of its bytes. */
  readonly digest: Buffer;
  readonly size: number;
  /** Its time of change, in ms since the epoch. */
  readonly modified: number;
}

/** Why a file has no text to index. */
export type NotText = Refused | 'binary' | 'too-large' | 'changing';

/** A file that changes under the hand is read so often before it is left for the next time. */
const READS = 3;

/** Reads text files of up to so many bytes, one after the other, into one buffer. */
export class TextReader {
  readonly #root: string;
  readonly #most: number;
  #buffer: Buffer = Buffer.allocUnsafe(64 * 1024);

  constructor(root: string, mostBytes: number) {
    this.#root = root;
    this.#most = mostBytes;
  }

  read(place: Place): TextFile | NotText {
    const opened = openInside(this.#root, place, 'file');
    if (typeof opened === 'string') return opened;
    const { fd } = opened;
    try {
      for (let reads = 0; reads < READS; reads += 1) {
        const before = fstatSync(fd);
        if (before.size > this.#most) return 'too-large';
        const bytes = this.#bytes(fd, before.size);
        const after = fstatSync(fd);
        const still = bytes?.length === before.size && after.size === before.size && after.mtimeMs === before.mtimeMs;
        if (bytes !== undefined && still) return textOf(bytes, after.mtimeMs);
      }
      return 'changing';
    } catch (failure) {
      return refusedBy(failure);
    } finally {
      closeSync(fd);
    }
  }

  /** All there is; `undefined` when that is more than there should be. */
  #bytes(fd: number, size: number): Buffer | undefined {
    if (this.#buffer.length <= size) this.#buffer = Buffer.allocUnsafe(Math.min(this.#most, size * 2) + 1);
    let length = 0;
    while (length <= size) {
      const read = readSync(fd, this.#buffer, length, size + 1 - length, length);
      if (read === 0) return this.#buffer.subarray(0, length);
      length += read;
    }
    return undefined;
  }
}

function textOf(bytes: Buffer, modified: number): TextFile | 'binary' {
  const text = decoded(bytes);
  if (text === undefined) return 'binary';
  return { text, digest: hash('sha256', bytes, 'buffer'), size: bytes.length, modified };
}

/** UTF-8, or UTF-16 that says so; anything with a NUL in it is no text. */
function decoded(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return withoutNul(new TextDecoder('utf-16le').decode(bytes));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return withoutNul(new TextDecoder('utf-16be').decode(bytes));
  if (bytes.includes(0) || !isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function withoutNul(text: string): string | undefined {
  return text.includes('\0') ? undefined : text;
}
