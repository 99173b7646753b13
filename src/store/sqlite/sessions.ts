import type { WarehouseContext } from '../job.js';
import type { SessionPin, SessionRecord, SessionStore } from '../session-store.js';
import type { Engine } from './engine.js';

/** `usedAt` is kept this exactly, in ms: a write for each look would cost more than it tells. */
const USED_AT_MS = 60_000;

/** Sessions of one client; when another is made, the one that was not used for the longest time ends. */
const MOST_PER_CLIENT = 1_000;

interface SessionRow {
  readonly client: string;
  readonly name: string;
  readonly context: string;
  readonly pin: string | null;
  readonly created_at: number;
  readonly used_at: number;
}

type Change = Parameters<SessionStore['setSession']>[2];

function sessionOf(row: SessionRow): SessionRecord {
  return {
    client: row.client,
    name: row.name,
    context: JSON.parse(row.context) as WarehouseContext,
    ...(row.pin !== null && { pin: JSON.parse(row.pin) as SessionPin }),
    createdAt: row.created_at,
    usedAt: row.used_at,
  };
}

function merged(context: WarehouseContext, change: Change): WarehouseContext {
  return Object.fromEntries(
    Object.entries({ ...context, ...change }).filter(([, value]) => value !== null && value !== undefined),
  );
}

export interface SessionOperations {
  /** The session, if it is there and was used lately: then there is nothing to write. */
  peek(client: string, name: string): SessionRecord | undefined;
  use(client: string, name: string): SessionRecord;
  change(client: string, name: string, change: Change): SessionRecord;
  pin(client: string, name: string, pin: SessionPin | null): SessionRecord;
  list(client: string): readonly SessionRecord[];
}

export function prepareSessions(engine: Engine): SessionOperations {
  const { db } = engine;
  const find = db.prepare<[string, string], SessionRow>('SELECT * FROM sessions WHERE client = ? AND name = ?');
  const all = db.prepare<[string], SessionRow>('SELECT * FROM sessions WHERE client = ? ORDER BY name');
  const touch = db.prepare<[string, string, number, number], SessionRow>(
    `INSERT INTO sessions (client, name, context, created_at, used_at) VALUES (?, ?, '{}', ?, ?)
     ON CONFLICT (client, name) DO UPDATE SET used_at = excluded.used_at RETURNING *`,
  );
  // Names that are made up for each call must not fill the file; pinned sessions are few by themselves.
  const dropOldest = db.prepare(
    `DELETE FROM sessions WHERE client = @client AND pin IS NULL AND name IN
       (SELECT name FROM sessions WHERE client = @client ORDER BY used_at DESC, name = @name DESC LIMIT -1 OFFSET ${MOST_PER_CLIENT})`,
  );
  const save = db.prepare('UPDATE sessions SET context = ? WHERE client = ? AND name = ?');
  const savePin = db.prepare('UPDATE sessions SET pin = ? WHERE client = ? AND name = ?');
  const use = (client: string, name: string): SessionRecord => {
    const now = engine.now();
    const row = touch.get(client, name, now, now) as SessionRow;
    if (row.created_at === now) dropOldest.run({ client, name });
    return sessionOf(row);
  };
  return {
    peek: (client, name) => {
      const row = find.get(client, name);
      return row !== undefined && engine.now() - row.used_at < USED_AT_MS ? sessionOf(row) : undefined;
    },
    use,
    change: (client, name, change) => {
      const session = use(client, name);
      const context = merged(session.context, change);
      save.run(JSON.stringify(context), client, name);
      return { ...session, context };
    },
    pin: (client, name, pin) => {
      const { pin: _, ...session } = use(client, name);
      savePin.run(pin === null ? null : JSON.stringify(pin), client, name);
      return pin === null ? session : { ...session, pin };
    },
    list: (client) => all.all(client).map(sessionOf),
  };
}
