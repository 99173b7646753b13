import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createBrotliCompress, createDeflate, createDeflateRaw, createGzip } from 'node:zlib';
import type { Compression } from './decompress.js';
import { unfinished } from './stage-files.js';

export interface UnloadedFile {
  /** Path in the stage. */
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
}

/** One file of unloaded rows. It takes its name when it is whole. */
export class UnloadWriter {
  readonly #path: string;
  readonly #target: string;
  readonly #unfinished: string;
  readonly #file: WriteStream;
  readonly #in: Writable;
  #rows = 0;
  #characters = 0;

  static async open(target: string, path: string, compression: Compression): Promise<UnloadWriter> {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    return new UnloadWriter(target, path, compression);
  }

  private constructor(target: string, path: string, compression: Compression) {
    this.#path = path;
    this.#target = target;
    this.#unfinished = unfinished(target);
    this.#file = createWriteStream(this.#unfinished, { mode: 0o600 });
    const packer = packerOf(compression);
    packer?.pipe(this.#file);
    this.#in = packer ?? this.#file;
  }

  /** Characters before compression. */
  get size(): number {
    return this.#characters;
  }

  async write(text: string, rows: number): Promise<void> {
    this.#rows += rows;
    this.#characters += text.length;
    if (!this.#in.write(text)) await once(this.#in, 'drain');
  }

  async close(): Promise<UnloadedFile> {
    this.#in.end();
    await finished(this.#file);
    await rename(this.#unfinished, this.#target);
    const { size } = await stat(this.#target);
    return { path: this.#path, bytes: size, rows: this.#rows };
  }

  async abandon(): Promise<void> {
    this.#in.destroy();
    this.#file.destroy();
    await rm(this.#unfinished, { force: true });
  }
}

function packerOf(compression: Compression) {
  switch (compression) {
    case 'AUTO':
    case 'GZIP':
      return createGzip();
    case 'BROTLI':
      return createBrotliCompress();
    case 'DEFLATE':
      return createDeflate();
    case 'RAW_DEFLATE':
      return createDeflateRaw();
    case 'NONE':
      return undefined;
  }
}
