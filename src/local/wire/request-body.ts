import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { malformedRequest, requestTooLarge } from './wire-failure.js';

const gunzipAsync = promisify(gunzip);

/** Below this the thread pool's round trip (and its queue behind long queries) costs more than unpacking here. */
const UNPACK_HERE_BYTES = 64 * 1024;

export type JsonObject = Readonly<Record<string, unknown>>;

async function bytesOf(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limitBytes) throw requestTooLarge(limitBytes);
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size);
}

async function unpacked(bytes: Buffer, limitBytes: number): Promise<Buffer> {
  try {
    const options = { maxOutputLength: limitBytes };
    return bytes.length < UNPACK_HERE_BYTES ? gunzipSync(bytes, options) : await gunzipAsync(bytes, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw requestTooLarge(limitBytes);
    throw malformedRequest('the body is not what its Content-Encoding says.');
  }
}

/**
 * A request's JSON object; an empty body is an empty object. `limitBytes` bounds what is sent and what it unpacks to.
 * Throws `WireFailure` for everything else.
 */
export async function readJsonBody(request: IncomingMessage, limitBytes: number): Promise<JsonObject> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) throw requestTooLarge(limitBytes);
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw malformedRequest(`Content-Encoding ${encoding} is unknown.`);
  const sent = await bytesOf(request, limitBytes);
  if (sent.length === 0) return {};
  const text = (encoding === 'gzip' ? await unpacked(sent, limitBytes) : sent).toString('utf8');
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw malformedRequest('the body is not JSON.');
  }
  if (!isObject(value)) throw malformedRequest('the body is not a JSON object.');
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
