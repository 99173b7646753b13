import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Exchange, WireState } from './exchange.js';
import { isPacked } from './packing.js';
import { sendNotFound } from './reply.js';

/** `GET /chunks/<secret>/<index>`: rows of a large result. Who knows the address may read, as with Snowflake's storage. */
export async function sendChunk(exchange: Exchange, state: WireState, id: string): Promise<void> {
  const { response } = exchange;
  const [secret = '', index = ''] = id.split('/');
  const found = state.results.read(secret, Number(index));
  if (found === undefined) return sendNotFound(response, 'This chunk does not exist, or no longer.');
  const { chunk, rows } = found;
  const zip = isPacked(exchange, state);
  response.setHeader('Content-Type', 'application/octet-stream');
  if (zip) response.setHeader('Content-Encoding', 'gzip');
  else response.setHeader('Content-Length', chunk.bytes);
  try {
    if (zip) await pipeline(rows, createGzip({ level: 1 }), response);
    else await pipeline(rows, response);
  } catch (error) {
    // The client has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
