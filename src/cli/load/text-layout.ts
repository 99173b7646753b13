import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';

/** How a file of separated values is written. */
export interface TextLayout {
  /** Between two fields. */
  readonly delimiter: string;
  /** As `ENCODING` of a file format names it. */
  readonly encoding: string;
}

/** What is looked at of a file (bytes). */
const HEAD_BYTES = 64 * 1024;
/** Where two stand equally often, the first. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The layout that the file's byte order mark and its line of names show. */
export async function textLayout(path: string): Promise<TextLayout> {
  const head = await headOf(path);
  const [encoding, text] = decoded(head);
  return { encoding, delimiter: delimiterOf(text) };
}

/** The sign that stands most often in the first line, outside of quotes. */
export function delimiterOf(text: string): string {
  const names = /^(?:"(?:[^"]|"")*"|[^\r\n"])*/.exec(text.trimStart())?.[0].replace(/"(?:[^"]|"")*"/g, '') ?? '';
  const count = (sign: string) => names.split(sign).length;
  return DELIMITERS.reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

function decoded(head: Buffer): readonly [encoding: string, text: string] {
  if (head[0] === 0xff && head[1] === 0xfe) return ['UTF16LE', head.subarray(2).toString('utf16le')];
  if (head[0] === 0xfe && head[1] === 0xff) {
    const even = Buffer.from(head.subarray(2, head.length - (head.length % 2)));
    return ['UTF16BE', even.swap16().toString('utf16le')];
  }
  return ['UTF8', head.toString('utf8').replace(/^\ufeff/, '')];
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES), length: HEAD_BYTES });
    const head = buffer.subarray(0, bytesRead);
    if (head[0] !== 0x1f || head[1] !== 0x8b) return head;
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, HEAD_BYTES);
  } finally {
    await file.close();
  }
}
