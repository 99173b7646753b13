import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long the rest of a refused request is read and thrown away (ms): a client that still sends would not see the answer. */
const DISCARD_MS = 2_000;

export interface JsonAnswer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal in the shape that MCP clients read: a JSON-RPC error that belongs to no request. */
export function jsonRpcRefusal(
  status: number,
  code: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): JsonAnswer {
  return {
    status,
    body: { jsonrpc: '2.0', id: null, error: { code, message } },
    ...(headers === undefined ? {} : { headers }),
  };
}

/** Answers at once. Where the request's body has not been read, the connection ends after the answer. */
export function answerJson(request: IncomingMessage, response: ServerResponse, answer: JsonAnswer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(answer.body);
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...answer.headers,
  };
  if (request.complete || !hasBody(request)) {
    response.writeHead(answer.status, headers).end(text);
    return;
  }
  response.writeHead(answer.status, { ...headers, connection: 'close' }).write(text);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(() => response.destroy(), DISCARD_MS);
  request.once('end', end).once('close', end).resume();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
