import type { IncomingMessage } from 'node:http';

export type Body = { readonly json: unknown } | { readonly refused: 'too-large' | 'no-json' | 'cut-off' };

/** Reads a JSON body of at most `maxBytes`. How long a client may take to send it is the server's `requestTimeout`. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return { refused: 'too-large' };
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Without destroying the request at the early return: it still has to be answered.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).byteLength;
      if (bytes > maxBytes) return { refused: 'too-large' };
      chunks.push(chunk as Buffer);
    }
  } catch {
    return { refused: 'cut-off' };
  }
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) };
  } catch {
    return { refused: 'no-json' };
  }
}
