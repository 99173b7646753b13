import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Exchange, WireState } from './exchange.js';

const gzipped = promisify(gzip);

/** An answer smaller than a packet or two gains nothing. */
const PACKED_FROM_BYTES = 2048;

const isLoopback = (address: string | undefined) => /^(127\.|::1$|::ffff:127\.)/.test(address ?? '');

/** Whether what the client is sent is to be packed: on one machine that costs more than it saves. */
export function isPacked({ request }: Exchange, state: WireState): boolean {
  const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  return accepts && (state.options.compress ?? !isLoopback(request.socket.remoteAddress));
}

/** The answer's pieces as they are to be sent, and the header for it. */
export async function packed(
  pieces: readonly Buffer[],
  exchange: Exchange,
  state: WireState,
): Promise<readonly Buffer[]> {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (bytes < PACKED_FROM_BYTES || !isPacked(exchange, state)) return pieces;
  exchange.response.setHeader('Content-Encoding', 'gzip');
  return [await gzipped(Buffer.concat([...pieces]), { level: 1 })];
}
