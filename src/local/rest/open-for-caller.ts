import type { SessionContext } from '../engine/engine.js';
import { LocalError } from '../engine/local-error.js';
import type { WireState } from '../wire/exchange.js';
import { identifierOf, scopeFor } from '../wire/login.js';
import type { ParameterMap } from '../wire/result-parameters.js';
import type { WireSession } from '../wire/wire-sessions.js';
import type { Caller } from './caller.js';

/** Names as a request has them: folded to upper case unless quoted. */
export interface NamedContext {
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
  readonly warehouse?: string | undefined;
  readonly role?: string | undefined;
}

/** Opens a session in that context. Throws 390201 for a database or schema that is not there, and what `WireSessions.open` throws. */
export async function openForCaller(
  state: WireState,
  caller: Caller,
  named: NamedContext,
  parameters: ParameterMap = {},
): Promise<WireSession> {
  const wanted: Record<string, string> = {};
  for (const part of ['database', 'schema', 'warehouse', 'role'] as const) {
    const name = identifierOf(named[part] ?? null);
    if (name !== undefined) wanted[part] = name;
  }
  const session = await state.sessions.open({
    user: caller.user,
    context: wanted as SessionContext,
    parameters,
    ...scopeFor(caller, state.access),
  });
  const { context } = session.engine;
  for (const part of ['database', 'schema'] as const) {
    if (wanted[part] === undefined || context[part] !== undefined) continue;
    await state.sessions.close(session.engine.id);
    throw new LocalError('390201', '08004', `The requested ${part} ${wanted[part]} does not exist or not authorized.`);
  }
  return session;
}
