import type { ServerResponse } from 'node:http';
import { LocalError } from '../engine/local-error.js';
import { WireFailure } from './wire-failure.js';

/** What every answer of the protocol looks like. Drivers retry on HTTP errors, so a refusal is a 200 as well. */
export interface Envelope {
  readonly success: boolean;
  readonly code: string | null;
  readonly message: string | null;
  readonly data: unknown;
}

export const succeeded = (data: unknown = null): Envelope => ({ success: true, code: null, message: null, data });

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  sendJsonText(response, [Buffer.from(JSON.stringify(value))], status);
}

export function sendNotFound(response: ServerResponse, message: string): void {
  sendJson(response, { success: false, code: '390404', message, data: null }, 404);
}

/** As the wire protocol, the SQL API and `/api/v1` each tell of it. */
export function sendForbidden(response: ServerResponse, message: string): void {
  const told = { success: false, code: '390403', sqlState: '08P01', message, data: null };
  const problem = { ...told, type: 'about:blank', title: 'Not allowed', status: 403, detail: message };
  sendJsonText(response, [Buffer.from(JSON.stringify(problem))], 403, 'application/problem+json');
}

/** Sends JSON that was put together piece by piece, so that a big row set is not copied once more. */
export function sendJsonText(
  response: ServerResponse,
  pieces: readonly Buffer[],
  status = 200,
  contentType = 'application/json',
): void {
  if (response.destroyed || response.writableEnded) return;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': length,
    'Cache-Control': 'no-store',
  });
  // One write for the head and the first piece; a big row set follows as it is.
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.end();
  response.uncork();
}

/** An error as drivers read it. What is neither a statement's nor the protocol's error is told without its inside. */
export function failureOf(thrown: unknown, queryId?: string): Envelope {
  if (thrown instanceof LocalError)
    return {
      success: false,
      code: thrown.number,
      message: thrown.message,
      data: {
        internalError: false,
        errorCode: thrown.number,
        sqlState: thrown.sqlState,
        type: 'COMPILATION',
        queryId: queryId ?? null,
        line: thrown.line ?? -1,
        pos: thrown.position ?? -1,
      },
    };
  if (thrown instanceof WireFailure)
    return {
      success: false,
      code: thrown.code,
      message: thrown.message,
      data: { errorCode: thrown.code, sqlState: thrown.sqlState, queryId: queryId ?? null },
    };
  return {
    success: false,
    code: '370001',
    message: 'Internal error of the local Snowflake. Its log says more.',
    data: { internalError: true, errorCode: '370001', sqlState: 'XX000', queryId: queryId ?? null },
  };
}
