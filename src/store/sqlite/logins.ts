import type { ErrorData } from '../../errors/snow-error.js';
import type { LastLogin } from '../login-store.js';
import type { Engine } from './engine.js';

const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 15 * 60_000;

/** Credentials remembered. */
const REMEMBERED = 200;

interface LoginRow {
  readonly refused: string | null;
  readonly pause_ms: number;
  readonly ended_at: number;
}

export interface LoginOperations {
  last(credentials: string): LastLogin | undefined;
  refused(credentials: string, error: ErrorData): number;
  accepted(credentials: string): void;
}

export function prepareLogins({ db, lease }: Engine): LoginOperations {
  const find = db.prepare<[string, string], LoginRow>(
    'SELECT refused, pause_ms, ended_at FROM logins WHERE credentials = ? AND boot = ?',
  );
  const save = db.prepare(
    `INSERT INTO logins (credentials, refused, pause_ms, ended_at, boot) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (credentials) DO UPDATE SET refused = excluded.refused, pause_ms = excluded.pause_ms,
       ended_at = excluded.ended_at, boot = excluded.boot`,
  );
  // The clock begins anew with each boot: what an earlier one left goes first.
  const forget = db.prepare(
    `DELETE FROM logins WHERE credentials IN
       (SELECT credentials FROM logins ORDER BY boot = ? DESC, ended_at DESC LIMIT -1 OFFSET ${REMEMBERED})`,
  );
  const keep = (credentials: string, refused: string | null, pauseMs: number): void => {
    save.run(credentials, refused, pauseMs, Math.round(lease.now()), lease.boot);
    forget.run(lease.boot);
  };
  return {
    last: (credentials) => {
      const row = find.get(credentials, lease.boot);
      if (row === undefined) return undefined;
      const agoMs = Math.max(0, lease.now() - row.ended_at);
      if (row.refused === null) return { acceptedAgoMs: agoMs };
      return { refused: JSON.parse(row.refused) as ErrorData, waitMs: Math.max(0, row.pause_ms - agoMs) };
    },
    refused: (credentials, error) => {
      const before = find.get(credentials, lease.boot);
      const again = before !== undefined && before.refused !== null;
      const pauseMs = again ? Math.min(before.pause_ms * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
      keep(credentials, JSON.stringify(error), pauseMs);
      return pauseMs;
    },
    accepted: (credentials) => keep(credentials, null, 0),
  };
}
