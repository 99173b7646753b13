import type { LocalError } from '../local-error.js';
import type { SessionState } from '../session-state.js';

/** What statements answer when an object is kept from them. */
const REFUSALS = new Set(['002003', '002043', '002140', '003001', '003013']);

/** To be called when a statement begins: what was kept from earlier ones is no matter of this one. */
export function forgetRefusal({ rights }: SessionState): void {
  if (rights !== undefined) rights.refusals.refused = false;
}

/** Puts it into the account's log when a statement failed for what its session may not use. */
export function noteRefusal(state: SessionState, error: LocalError, queryId: string): void {
  const { rights, accessLog } = state;
  if (rights?.refusals.refused !== true || !REFUSALS.has(error.number)) return;
  accessLog?.record({
    type: 'object',
    success: false,
    user: state.user,
    role: rights.role,
    sessionId: state.id,
    queryId,
    errorNumber: error.number,
    errorMessage: error.message,
  });
}
