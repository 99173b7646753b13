import type { Engine } from './engine.js';
import { IS_PINNED_LANE, WORKER_OF_LANE } from './pinned-lanes.js';

/** How often it is looked for such lanes, in ms: it takes a look at every client, and there are but a few in a day. */
const EVERY_MS = 3_600_000;

/**
 * Forgets the lanes that one worker alone served, once that worker is forgotten and no job of theirs is kept:
 * every worker had one of its own. A client's place in a lane at a time, since the store makes sure that no job refers to it.
 */
export function prepareEndedLanes({
  db,
  now,
}: Engine): () => { readonly did: Record<string, never>; readonly more: boolean } {
  const ended = `${IS_PINNED_LANE} AND NOT EXISTS (SELECT 1 FROM workers WHERE id = ${WORKER_OF_LANE})`;
  const place = db
    .prepare<[], number>(
      `SELECT client_lanes.id FROM lanes CROSS JOIN client_lanes ON client_lanes.lane = lanes.id
       WHERE ${ended} AND scheduled + queued + running + succeeded + failed + cancelled + expired = 0 LIMIT 1`,
    )
    .pluck();
  const dropPlace = db.prepare('DELETE FROM client_lanes WHERE id = ?');
  const drop = db.prepare(
    `DELETE FROM lanes WHERE ${ended} AND NOT EXISTS (SELECT 1 FROM client_lanes WHERE lane = lanes.id)`,
  );
  let nextLook = 0;
  return () => {
    if (now() < nextLook) return { did: {}, more: false };
    const empty = place.get();
    if (empty === undefined) {
      drop.run();
      nextLook = now() + EVERY_MS;
    } else dropPlace.run(empty);
    return { did: {}, more: empty !== undefined };
  };
}
