import { LocalError } from '../engine/local-error.js';
import { WireFailure } from '../wire/wire-failure.js';

/** A refusal of a request that is no statement's error. */
export class RestProblem extends Error {
  override readonly name = 'RestProblem';
  readonly status: number;
  /** Snowflake's number where it has one. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** What went wrong, as both APIs tell it. */
export interface ToldProblem {
  readonly status: number;
  readonly code: string;
  readonly sqlState: string;
  readonly message: string;
  readonly line?: number;
  readonly position?: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Seconds after which a client that was refused for the server's load may try again. */
const RETRY_AFTER_S = '1';

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  '000629': 429,
  '000630': 408,
  '000709': 404,
  '390001': 429,
  '390100': 401,
  '390104': 401,
  '390111': 401,
  '390112': 401,
  '390114': 401,
  '390144': 401,
  '390400': 400,
  '390413': 413,
};

export function toldProblem(thrown: unknown): ToldProblem {
  if (thrown instanceof RestProblem) {
    const { status, code, message, headers } = thrown;
    return { status, code, sqlState: '08P01', message, headers };
  }
  if (thrown instanceof LocalError || thrown instanceof WireFailure) {
    const code = thrown instanceof LocalError ? thrown.number : thrown.code;
    const status = STATUS_OF_CODE[code] ?? 422;
    const at = thrown instanceof LocalError && thrown.line !== undefined ? thrown : undefined;
    return {
      status,
      code,
      sqlState: thrown.sqlState,
      message: thrown.message,
      ...(at?.line !== undefined && { line: at.line }),
      ...(at?.position !== undefined && { position: at.position }),
      headers: {
        ...(status === 429 && { 'Retry-After': RETRY_AFTER_S }),
        ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
      },
    };
  }
  const message = 'Internal error of the local Snowflake. Its log says more.';
  return { status: 500, code: '370001', sqlState: 'XX000', message, headers: {} };
}
