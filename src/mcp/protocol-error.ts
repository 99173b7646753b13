import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { ErrorCode, ErrorData } from '../errors/snow-error.js';

/** Faults on our side of the connection; everything else the caller can do something about. */
const OURS: ReadonlySet<ErrorCode> = new Set(['INTERNAL', 'STORE_UNAVAILABLE']);

/** An error of a request that is no tool call: those have no `isError`, so the whole `ErrorData` goes as the error's data. */
export function protocolError(error: ErrorData): ProtocolError {
  const text = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  const code = OURS.has(error.code) ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
  return new ProtocolError(code, text, { ...error });
}
