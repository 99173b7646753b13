import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { RowBlock } from '../engine/engine.js';
import { LocalError } from '../engine/local-error.js';

export interface ResultLimits {
  /** Rows up to about this many bytes travel in the answer itself. */
  readonly inlineBytes: number;
  /** A chunk is closed once it holds this many bytes of row JSON. */
  readonly chunkBytes: number;
  /** First rows kept over all results; the results least recently read make room. */
  readonly keptInlineBytes: number;
  /** Chunks kept in memory over all results; further ones go to disk. */
  readonly memoryBytes: number;
  /** Chunks kept on disk over all results; the results least recently read make room. */
  readonly diskBytes: number;
}

export const DEFAULT_RESULT_LIMITS: ResultLimits = {
  inlineBytes: 256 * 1024,
  chunkBytes: 4 * 1024 * 1024,
  keptInlineBytes: 32 * 1024 * 1024,
  memoryBytes: 64 * 1024 * 1024,
  diskBytes: 4 * 1024 * 1024 * 1024,
};

/** Rows of one chunk: JSON arrays joined by commas, without outer brackets. */
export interface StoredChunk {
  readonly rows: number;
  readonly bytes: number;
  readonly at: { readonly memory: readonly Buffer[] } | { readonly file: string; readonly offset: number };
}

export interface StoredResult {
  /** Part of the chunks' addresses; nobody can guess it. */
  readonly secret: string;
  /** Emptied when the result is released. */
  inline: readonly Buffer[];
  readonly totalRows: number;
  readonly chunks: readonly StoredChunk[];
  readonly size: ResultSize;
}

interface ResultSize {
  readonly inlineBytes: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

const COMMA = Buffer.from(',');

/** Appends to a list of blocks, keeping the commas between them. */
class BlockList {
  readonly pieces: Buffer[] = [];
  rows = 0;
  bytes = 0;

  add(block: RowBlock): void {
    const json = Buffer.from(block.json);
    if (this.pieces.length > 0) this.pieces.push(COMMA);
    this.pieces.push(json);
    this.bytes += json.length + (this.pieces.length > 1 ? COMMA.length : 0);
    this.rows += block.rows;
  }
}

class SpoolFile {
  readonly path: string;
  bytes = 0;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async append(list: BlockList): Promise<number> {
    this.#handle ??= await open(this.path, 'wx', 0o600);
    const offset = this.bytes;
    await this.#handle.writev(list.pieces);
    this.bytes += list.bytes;
    return offset;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

/**
 * Keeps the rows of ended statements until their client has fetched them: the first ones for the answer itself, the rest
 * as chunks, in memory while there is room and then in files of a directory of its own. Both are bounded.
 */
export class ResultStore {
  readonly #directory: string;
  readonly #limits: ResultLimits;
  readonly #kept = new Map<string, StoredResult>();
  #inlineBytes = 0;
  #memoryBytes = 0;
  #diskBytes = 0;
  #directoryMade: Promise<unknown> | undefined;

  /** `directory` is made when the memory is full, in one that exists, and removed by `close`: it is this process's alone. */
  constructor(directory: string, limits: ResultLimits = DEFAULT_RESULT_LIMITS) {
    this.#directory = directory;
    this.#limits = limits;
  }

  get size(): ResultSize {
    return { inlineBytes: this.#inlineBytes, memoryBytes: this.#memoryBytes, diskBytes: this.#diskBytes };
  }

  /** Reads the blocks to their end. What the blocks throw passes through; a full disk is a `LocalError`. */
  async collect(blocks: AsyncIterable<RowBlock>): Promise<StoredResult> {
    const secret = randomBytes(24).toString('base64url');
    const file = new SpoolFile(join(this.#directory, `${secret}.rows`));
    const inline = new BlockList();
    const chunks: StoredChunk[] = [];
    let current = new BlockList();
    let memoryBytes = 0;
    let totalRows = 0;
    const closeChunk = async () => {
      if (current.rows === 0) return;
      const { rows, bytes, pieces } = current;
      if (this.#memoryBytes + bytes <= this.#limits.memoryBytes) {
        this.#memoryBytes += bytes;
        memoryBytes += bytes;
        chunks.push({ rows, bytes, at: { memory: pieces } });
      } else {
        await this.#makeRoomOnDisk(bytes);
        this.#diskBytes += bytes;
        try {
          chunks.push({ rows, bytes, at: { file: file.path, offset: await file.append(current) } });
        } catch (error) {
          this.#diskBytes -= bytes;
          throw asDiskError(error);
        }
      }
      current = new BlockList();
    };
    try {
      for await (const block of blocks) {
        if (block.rows === 0) continue;
        totalRows += block.rows;
        if (chunks.length === 0 && current.rows === 0 && inline.bytes + block.json.length <= this.#limits.inlineBytes) {
          inline.add(block);
          continue;
        }
        current.add(block);
        if (current.bytes >= this.#limits.chunkBytes) await closeChunk();
      }
      await closeChunk();
      await file.close();
    } catch (error) {
      this.#memoryBytes -= memoryBytes;
      this.#diskBytes -= file.bytes;
      await file.close();
      await rm(file.path, { force: true });
      throw error;
    }
    this.#inlineBytes += inline.bytes;
    const size = { inlineBytes: inline.bytes, memoryBytes, diskBytes: file.bytes };
    const result = { secret, inline: inline.pieces, totalRows, chunks, size };
    this.#makeRoomInline();
    this.#kept.set(secret, result);
    return result;
  }

  isKept(result: StoredResult): boolean {
    return this.#kept.has(result.secret);
  }

  /** The rows of a chunk as a stream; undefined when there is none of that address, or not any more. */
  read(secret: string, index: number): { readonly chunk: StoredChunk; readonly rows: Readable } | undefined {
    const result = this.#kept.get(secret);
    const chunk = result?.chunks[index];
    if (result === undefined || chunk === undefined) return undefined;
    this.#kept.delete(secret);
    this.#kept.set(secret, result);
    const { at, bytes } = chunk;
    const rows =
      'memory' in at
        ? Readable.from(at.memory, { objectMode: false })
        : createReadStream(at.file, { start: at.offset, end: at.offset + bytes - 1, highWaterMark: 256 * 1024 });
    return { chunk, rows };
  }

  release(result: StoredResult): void {
    if (!this.#kept.delete(result.secret)) return;
    result.inline = [];
    this.#inlineBytes -= result.size.inlineBytes;
    this.#memoryBytes -= result.size.memoryBytes;
    this.#diskBytes -= result.size.diskBytes;
    for (const { at } of result.chunks) if ('file' in at) rm(at.file, { force: true }).catch(() => {});
  }

  /** Removes what a process that was killed has left behind. Before the first `collect`. */
  async clear(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    for (const result of [...this.#kept.values()]) this.release(result);
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Results that have chunks stay: their client may be reading them. */
  #makeRoomInline(): void {
    for (const result of this.#kept.values()) {
      if (this.#inlineBytes <= this.#limits.keptInlineBytes) return;
      if (result.chunks.length === 0) this.release(result);
    }
  }

  async #makeRoomOnDisk(bytes: number): Promise<void> {
    this.#directoryMade ??= mkdir(this.#directory, { mode: 0o700 });
    await this.#directoryMade.catch((error) => {
      throw asDiskError(error);
    });
    for (const result of this.#kept.values()) {
      if (this.#diskBytes + bytes <= this.#limits.diskBytes) return;
      if (result.size.diskBytes > 0) this.release(result);
    }
    if (this.#diskBytes + bytes > this.#limits.diskBytes)
      throw new LocalError(
        '000600',
        '53400',
        `The result is larger than the ${this.#limits.diskBytes} bytes this server keeps. Select less, or LIMIT it.`,
      );
  }
}

function asDiskError(error: unknown): LocalError {
  const { code } = error as NodeJS.ErrnoException;
  const what =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'its disk is full' : `it cannot write to its data directory (${code})`;
  return new LocalError('000600', '53100', `The result cannot be kept by the local Snowflake: ${what}.`);
}
