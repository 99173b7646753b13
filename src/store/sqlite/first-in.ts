import type { Engine } from './engine.js';

export interface FirstIn {
  readonly clientLane: number;
  readonly seq: number;
}

/**
 * Of the clients of a lane that may be claimed from, the one whose job was admitted first; the off side of the fair queue.
 * It looks at the first job of each client and priority: no index over all queued jobs has to be kept while nobody needs it.
 */
export function prepareFirstIn({ db }: Engine): (lane: number, client: string | undefined) => FirstIn | undefined {
  const first = (ofClient: string): string =>
    `SELECT client_lanes.id AS clientLane,
       min((SELECT jobs.seq FROM jobs INDEXED BY jobs_queued WHERE jobs.client_lane = client_lanes.id
         AND jobs.state = 'queued' AND jobs.priority = priorities.priority ORDER BY jobs.seq LIMIT 1)) AS seq
     FROM client_lanes CROSS JOIN (SELECT 0 AS priority UNION ALL SELECT 1 UNION ALL SELECT 2) AS priorities
     WHERE client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 0
       AND client_lanes.wake_at IS NULL ${ofClient}
     GROUP BY client_lanes.id ORDER BY seq LIMIT 1`;
  const ofAll = db.prepare<[number], FirstIn>(first(''));
  const ofOne = db.prepare<[number, string], FirstIn>(
    first('AND client_lanes.client = (SELECT id FROM clients WHERE name = ?)'),
  );
  return (lane, client) => (client === undefined ? ofAll.get(lane) : ofOne.get(lane, client));
}
