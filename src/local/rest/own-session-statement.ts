import type { WireState } from '../wire/exchange.js';
import type { Query, QueryRequest } from '../wire/query.js';
import type { Caller } from './caller.js';
import { type NamedContext, openForCaller } from './open-for-caller.js';

/**
 * Starts a statement in a session of its own, which ends with it, or gives the one that was started under the same
 * request id before. Throws what opening a session and starting a statement throw.
 */
export async function startInOwnSession(
  state: WireState,
  caller: Caller,
  context: NamedContext,
  request: QueryRequest,
): Promise<Query> {
  const { engine } = await openForCaller(state, caller, context, request.parameters);
  let query: Query | undefined;
  try {
    query = state.queries.start(engine, request);
    return query;
  } finally {
    const close = () => state.sessions.close(engine.id);
    if (query?.sessionId === engine.id) query.settled.then(close);
    else await close();
  }
}
