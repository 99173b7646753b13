-- Rates and quotas: what is set, what is left, what was used. Times are milliseconds since the Unix epoch.

-- A new number with every change of a limit or of a client, so that a process knows when what it remembers is old. It is
-- random: a change that was rolled back can never leave a number behind that means something else later.
ALTER TABLE queue ADD COLUMN limits_version INTEGER NOT NULL DEFAULT 0;

CREATE TABLE rate_limits (
  scope TEXT NOT NULL CHECK (scope IN ('client', 'group', 'default', 'global')),
  -- Of the client or group; empty for the others.
  name TEXT NOT NULL,
  class TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count > 0),
  per_ms INTEGER NOT NULL CHECK (per_ms > 0),
  burst INTEGER NOT NULL CHECK (burst > 0),
  PRIMARY KEY (scope, name, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE quota_limits (
  scope TEXT NOT NULL CHECK (scope IN ('client', 'group', 'default')),
  name TEXT NOT NULL,
  class TEXT NOT NULL,
  metric TEXT NOT NULL,
  period TEXT NOT NULL,
  amount REAL NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (scope, name, class, metric, period)
) STRICT, WITHOUT ROWID;

-- What is left in a bucket, in parts of a token; client 0 stands for all clients together.
CREATE TABLE buckets (
  client INTEGER NOT NULL,
  class TEXT NOT NULL,
  parts INTEGER NOT NULL,
  per_ms INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (client, class)
) STRICT, WITHOUT ROWID;

-- What a client has used in its current hour and day. A window's counts hold until it ends; 0 says that it was closed.
CREATE TABLE usage (
  client INTEGER NOT NULL REFERENCES clients (id),
  class TEXT NOT NULL,
  hour_ends INTEGER NOT NULL,
  hour_requests INTEGER NOT NULL,
  hour_ms INTEGER NOT NULL,
  hour_rows INTEGER NOT NULL,
  hour_bytes INTEGER NOT NULL,
  day_ends INTEGER NOT NULL,
  day_requests INTEGER NOT NULL,
  day_ms INTEGER NOT NULL,
  day_rows INTEGER NOT NULL,
  day_bytes INTEGER NOT NULL,
  PRIMARY KEY (client, class)
) STRICT, WITHOUT ROWID;

-- What running jobs may still use of quotas; only of clients that have such quotas.
CREATE TABLE reservations (
  job INTEGER PRIMARY KEY REFERENCES jobs (seq),
  client INTEGER NOT NULL REFERENCES clients (id),
  class TEXT NOT NULL,
  ms INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

CREATE INDEX reservations_of_client ON reservations (client);

-- 1 while the request is to be taken from bucket and quotas when the job starts: its client was set to wait, not to be refused.
ALTER TABLE jobs ADD COLUMN request_due INTEGER NOT NULL DEFAULT 0;

-- Kept results by client, without looking at its other jobs.
CREATE INDEX jobs_stored ON jobs (client, pages_until, used_bytes) WHERE pages_until IS NOT NULL;

-- However a job stops running, it holds nothing any more.
CREATE TRIGGER jobs_unreserved AFTER UPDATE OF state ON jobs WHEN OLD.state = 'running' AND NEW.state <> 'running' BEGIN
  DELETE FROM reservations WHERE job = NEW.seq;
END;

CREATE TRIGGER rate_limits_added AFTER INSERT ON rate_limits BEGIN UPDATE queue SET limits_version = random() >> 12; END;
CREATE TRIGGER rate_limits_changed AFTER UPDATE ON rate_limits BEGIN UPDATE queue SET limits_version = random() >> 12; END;
CREATE TRIGGER rate_limits_removed AFTER DELETE ON rate_limits BEGIN UPDATE queue SET limits_version = random() >> 12; END;
CREATE TRIGGER quota_limits_added AFTER INSERT ON quota_limits BEGIN UPDATE queue SET limits_version = random() >> 12; END;
CREATE TRIGGER quota_limits_changed AFTER UPDATE ON quota_limits BEGIN UPDATE queue SET limits_version = random() >> 12; END;
CREATE TRIGGER quota_limits_removed AFTER DELETE ON quota_limits BEGIN UPDATE queue SET limits_version = random() >> 12; END;
-- A client that changes its group comes under other limits.
CREATE TRIGGER clients_changed AFTER UPDATE ON clients BEGIN UPDATE queue SET limits_version = random() >> 12; END;
