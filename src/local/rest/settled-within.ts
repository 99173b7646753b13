import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Query } from '../wire/query.js';

/** Waits for a statement's end, `ms` at most, and no longer than somebody waits for the answer. */
export async function settledWithin(query: Query, ms: number, response: ServerResponse): Promise<void> {
  if (!query.running) return;
  const over = new AbortController();
  const away = () => over.abort();
  response.once('close', away);
  const leave = query.attend();
  await Promise.race([query.settled, delay(ms, undefined, { signal: over.signal }).catch(() => {})]);
  response.off('close', away);
  over.abort();
  leave();
}
