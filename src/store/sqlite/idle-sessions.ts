import { pinResource, type SessionPin } from '../session-store.js';
import type { Engine } from './engine.js';

/** How long a session is kept that nobody uses, in ms (30 days). */
export const SESSION_IDLE_MS = 30 * 24 * 3_600_000;

/** Sessions ended in one step. */
const AT_ONCE = 100;

/** A step of a sweep: ends sessions that were not used for too long, and gives up what the pinned ones among them hold. */
export function prepareSessionExpiry({
  db,
  now,
  sessionIdleMs,
}: Engine): () => { readonly did: { readonly sessionsEnded: number }; readonly more: boolean } {
  const drop = db.prepare<[number], { readonly pin: string | null }>(
    `DELETE FROM sessions WHERE (client, name) IN
       (SELECT client, name FROM sessions INDEXED BY sessions_idle WHERE used_at <= ? ORDER BY used_at LIMIT ${AT_ONCE})
     RETURNING pin`,
  );
  const release = db.prepare('DELETE FROM leases WHERE resource = ?');
  return () => {
    const ended = drop.all(now() - sessionIdleMs);
    for (const { pin } of ended) if (pin !== null) release.run(pinResource((JSON.parse(pin) as SessionPin).id));
    return { did: { sessionsEnded: ended.length }, more: ended.length === AT_ONCE };
  };
}
