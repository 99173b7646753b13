import type { Engine } from './engine.js';

/**
 * After the wall clock was set back: what was to be tried again, or to go on, after a pause would wait as much longer. Retries
 * become due, and clients that are parked are looked at again; start times that somebody named stay. Harmless when repeated.
 */
export function prepareSetBack({ db, now }: Engine): () => void {
  const retries = db.prepare(
    "UPDATE jobs SET run_at = @now WHERE state = 'scheduled' AND attempts > 0 AND run_at > @now",
  );
  const parked = db.prepare('UPDATE client_lanes SET wake_at = @now WHERE wake_at > @now');
  return () => {
    const at = { now: now() };
    retries.run(at);
    parked.run(at);
  };
}
