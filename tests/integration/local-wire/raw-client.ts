import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface RawAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly bytes: Buffer;
  readonly json: { success?: boolean; code?: string | null; message?: string; data?: Record<string, unknown> };
}

/** One request as it is, without a driver's care. */
export function send(
  url: string,
  options: {
    readonly method?: string;
    readonly path: string;
    readonly body?: string | Buffer;
    readonly headers?: Record<string, string>;
  },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path, body, headers = {} } = options;
    const outgoing = request(url, { method, path, headers, agent: false }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const bytes = Buffer.concat(parts);
        const isJson = incoming.headers['content-type'] === 'application/json';
        const packed = incoming.headers['content-encoding'] === 'gzip';
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          bytes,
          json: isJson ? JSON.parse((packed ? gunzipSync(bytes) : bytes).toString()) : {},
        });
      });
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export async function loginToken(url: string): Promise<string> {
  const body = JSON.stringify({ data: { LOGIN_NAME: 'test', PASSWORD: 'test' } });
  const { json } = await send(url, { path: '/session/v1/login-request', body });
  return String(json.data?.token);
}

export const authorized = (token: string) => ({ Authorization: `Snowflake Token="${token}"` });

/** Bytes on a bare socket, and what came back until it closed. */
export function sendBytes(url: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connectSocket(Number(port), hostname, () => socket.end(bytes));
    let text = '';
    socket.on('data', (part) => {
      text += part.toString();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}

/** Sends bytes, keeps the socket open, and waits until the server closes it. */
export function untilHungUp(url: string, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connectSocket(Number(port), hostname, () => socket.write(bytes));
    socket.resume();
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
}
