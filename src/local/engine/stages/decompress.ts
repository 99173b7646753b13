import { createReadStream } from 'node:fs';
import { finished, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { LocalError } from '../local-error.js';
import type { StagedFile } from './stage-files.js';

export type Compression = 'AUTO' | 'GZIP' | 'BROTLI' | 'DEFLATE' | 'RAW_DEFLATE' | 'NONE';

const BY_ENDING: readonly [string, Compression][] = [
  ['.gz', 'GZIP'],
  ['.br', 'BROTLI'],
  ['.deflate', 'DEFLATE'],
  ['.raw_deflate', 'RAW_DEFLATE'],
];

/** How the file is compressed: AUTO goes by the ending of its name. */
export function compressionOf(file: Pick<StagedFile, 'path'>, compression: Compression): Compression {
  if (compression !== 'AUTO') return compression;
  const path = file.path.toLowerCase();
  return BY_ENDING.find(([ending]) => path.endsWith(ending))?.[1] ?? 'NONE';
}

/** The file's bytes, unpacked. Throws 100104 for a file that is not compressed that way. */
export async function* unpacked(file: StagedFile, compression: Compression): AsyncGenerator<Buffer> {
  const source = createReadStream(file.absolute);
  const through = unpackerOf(compressionOf(file, compression));
  let stream: Readable = source;
  if (through !== undefined) {
    source.on('error', (error) => through.destroy(error));
    stream = source.pipe(through);
  }
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && !code.startsWith('Z_') && !code.startsWith('ERR_')) throw error;
    throw new LocalError(
      '100104',
      '22000',
      `The file ${file.path} cannot be unpacked; is its COMPRESSION another one?`,
    );
  } finally {
    source.destroy();
    finished(source, () => undefined);
  }
}

function unpackerOf(compression: Compression) {
  switch (compression) {
    case 'GZIP':
      return createGunzip();
    case 'BROTLI':
      return createBrotliDecompress();
    case 'DEFLATE':
      return createInflate();
    case 'RAW_DEFLATE':
      return createInflateRaw();
    default:
      return undefined;
  }
}

/** The file's text. Throws 100144 for bytes that are no text of the encoding, unless they are to be replaced. */
export async function* decoded(
  file: StagedFile,
  format: { readonly compression: Compression; readonly encoding: string; readonly replaceInvalid: boolean },
): AsyncGenerator<string> {
  const decoder = new TextDecoder(format.encoding, { fatal: !format.replaceInvalid });
  const decode = (chunk?: Buffer): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new LocalError(
        '100144',
        '22000',
        `Invalid UTF8 detected in file '${file.path}'; ENCODING names another one, REPLACE_INVALID_CHARACTERS = TRUE replaces what is invalid.`,
      );
    }
  };
  for await (const chunk of unpacked(file, format.compression)) {
    const text = decode(chunk);
    if (text !== '') yield text;
  }
  const rest = decode();
  if (rest !== '') yield rest;
}
