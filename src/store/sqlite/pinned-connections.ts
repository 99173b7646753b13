import type { PinnedConnection } from '../session-store.js';
import type { Engine } from './engine.js';

interface ConnectionRow {
  readonly pin: string;
  readonly lane: string;
  readonly warehouse_session: string;
}

export interface PinnedConnectionOperations {
  remember(connection: PinnedConnection): void;
  forget(pin: string): void;
  abandoned(): readonly PinnedConnection[];
}

/** Connections of pinned sessions; there are a few for each worker. */
export function preparePinnedConnections({ db, lease }: Engine): PinnedConnectionOperations {
  const add = db.prepare(
    'INSERT INTO pinned_connections (pin, lane, warehouse_session) VALUES (@pin, @lane, @warehouseSession) ON CONFLICT DO NOTHING',
  );
  const drop = db.prepare('DELETE FROM pinned_connections WHERE pin = ?');
  const abandoned = db.prepare<[string, number], ConnectionRow>(
    `SELECT * FROM pinned_connections WHERE NOT EXISTS
       (SELECT 1 FROM leases WHERE resource = 'pin:' || pin AND holder IS NOT NULL AND boot = ? AND held_until > ?)`,
  );
  return {
    remember: (connection) => void add.run(connection),
    forget: (pin) => void drop.run(pin),
    abandoned: () =>
      abandoned.all(lease.boot, lease.now()).map((row) => ({
        pin: row.pin,
        lane: row.lane,
        warehouseSession: row.warehouse_session,
      })),
  };
}
