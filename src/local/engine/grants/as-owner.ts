import type { SessionState } from '../session-state.js';

/**
 * Runs something with the rights of the role that owns it: what it makes belongs to that role as well. The session's own rights and
 * role are back afterwards. Nothing changes where no session is held back.
 */
export async function asOwner<T>(state: SessionState, owner: string, run: () => Promise<T>): Promise<T> {
  const { rights } = state;
  if (rights === undefined) return await run();
  state.rights = rights.asOwnerOfRoutine(owner);
  state.context = { ...state.context, role: owner };
  try {
    return await run();
  } finally {
    state.rights = rights;
    state.context = { ...state.context, role: rights.role };
  }
}
