import { type ErrorData, errorDataOf } from '../../errors/snow-error.js';

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'wrong';
  /** What was found. */
  readonly found: string;
  /** What to do about it. */
  readonly hint?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found };
}

export function warning(check: string, found: string, hint?: string): Finding {
  return { check, state: 'warning', found, ...(hint !== undefined && { hint }) };
}

export function wrong(check: string, found: string, hint?: string): Finding {
  return { check, state: 'wrong', found, ...(hint !== undefined && { hint }) };
}

/** An error is a finding, too. */
export function failed(check: string, thrown: unknown): Finding {
  const error: ErrorData = errorDataOf(thrown);
  return wrong(check, error.message, error.hint);
}

/** What `look` finds; what it throws is wrong. */
export async function examined(
  check: string,
  look: () => Promise<readonly Finding[]> | readonly Finding[],
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (thrown) {
    return [failed(check, thrown)];
  }
}
