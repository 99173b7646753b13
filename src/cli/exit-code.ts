import type { ErrorCode } from '../errors/snow-error.js';

/** 0 done, 1 failed, 2 wrong usage, 3 refused, 4 not found, 130 interrupted. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, notFound: 4, interrupted: 130 } as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: EXIT.usage,
  RATE_LIMITED: EXIT.refused,
  QUOTA_EXCEEDED: EXIT.refused,
  QUEUE_FULL: EXIT.refused,
  CIRCUIT_OPEN: EXIT.refused,
  DEGRADED: EXIT.refused,
  STATEMENT_NOT_ALLOWED: EXIT.refused,
  NOT_PERMITTED: EXIT.refused,
  NOT_FOUND: EXIT.notFound,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code] ?? EXIT.failed;
}
