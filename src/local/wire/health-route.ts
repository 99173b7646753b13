import type { Exchange, WireState } from './exchange.js';
import { sendJson } from './reply.js';

export const HEALTH_PATH = '/api/v1/health';

/** What `GET /api/v1/health` tells; all of it to who knows the password, status and version to everyone. */
export interface WireHealth {
  readonly status: 'healthy';
  readonly version: string;
  readonly pid: number;
  readonly sessions: number;
  /** Statements running or waiting. */
  readonly running: number;
  /** Bytes of results that are kept for their clients. */
  readonly storedBytes: { readonly memory: number; readonly disk: number };
}

export async function sendHealth(exchange: Exchange, state: WireState): Promise<void> {
  const { sessions, queries, results, access, options } = state;
  const known = { status: 'healthy' as const, version: options.version };
  const bearer = /^Bearer (.+)$/.exec(exchange.request.headers.authorization ?? '')?.[1];
  if (access.closed && (bearer === undefined || access.ownerOfKey(bearer) === undefined))
    return sendJson(exchange.response, known, bearer === undefined ? 200 : 401);
  const { memoryBytes, inlineBytes, diskBytes } = results.size;
  const health: WireHealth = {
    ...known,
    pid: process.pid,
    sessions: sessions.size,
    running: queries.running,
    storedBytes: { memory: memoryBytes + inlineBytes, disk: diskBytes },
  };
  return sendJson(exchange.response, health);
}
