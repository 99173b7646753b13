-- How well each connection profile can be reached, and the mode its jobs are admitted in; one row for both, since admission
-- reads both. Times (…_at, …_since, …_until) are milliseconds of the named boot's monotonic clock, except changed_at.

CREATE TABLE breakers (
  profile TEXT PRIMARY KEY,
  boot TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open', 'half-open')),
  -- Attempts of the part of the window that is counted now; the earlier parts as JSON, [bucket, reached, failed] each.
  bucket INTEGER NOT NULL DEFAULT 0,
  reached INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  earlier TEXT NOT NULL DEFAULT '[]',
  failures_in_row INTEGER NOT NULL DEFAULT 0,
  opened_at REAL NOT NULL DEFAULT 0,
  probe_at REAL NOT NULL DEFAULT 0,
  passed INTEGER NOT NULL DEFAULT 0,
  probe_holder TEXT,
  probe_until REAL,
  closed_at REAL,
  -- Held in its state until somebody says otherwise.
  held INTEGER NOT NULL DEFAULT 0,
  -- Of the state: ms since the Unix epoch; who changed it (nothing: it did so itself), and why.
  changed_at INTEGER NOT NULL,
  changed_by TEXT,
  reason TEXT,
  mode TEXT NOT NULL DEFAULT 'normal' CHECK (mode IN ('normal', 'conserving', 'critical', 'offline')),
  mode_since REAL NOT NULL DEFAULT 0,
  -- A worse mode whose marks are reached, and since when.
  rising TEXT,
  rising_since REAL,
  looked_at REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Answers of the catalog, to be told as stale while the warehouse cannot be asked. The id cannot be guessed: who has it was given it.
CREATE TABLE listings (
  -- Digest of the question and of all that decides the answer: connection, role, context.
  question TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  subject TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  columns TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;

CREATE INDEX listings_by_age ON listings (as_of, bytes);
