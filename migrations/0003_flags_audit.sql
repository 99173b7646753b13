-- Which flags are set, for whom and by whom, and who did what.
-- Times are milliseconds since the Unix epoch.

CREATE TABLE flags (
  flag TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('all', 'percentage', 'group', 'client')),
  -- Of the group or client; empty for the others, so a flag has one setting of each.
  name TEXT NOT NULL,
  percentage REAL,
  is_on INTEGER NOT NULL,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (flag, scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE flag_changes (
  id INTEGER PRIMARY KEY,
  flag TEXT NOT NULL,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  percentage REAL,
  percentage_before REAL,
  -- Nothing: there was no setting, or there is none any more.
  was_on INTEGER,
  is_on INTEGER,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL
) STRICT;

-- Tool, verb, class and digest (and text, where settings say so) of the call that made the job, as JSON; the audit copies it.
ALTER TABLE job_work ADD COLUMN call TEXT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  client TEXT NOT NULL,
  session TEXT,
  job TEXT,
  call TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  queued_ms INTEGER,
  elapsed_ms INTEGER,
  rows INTEGER,
  bytes INTEGER,
  query_id TEXT
) STRICT;

-- Every way into a final state passes here, so no end of a job is left out.
CREATE TRIGGER jobs_audited AFTER UPDATE OF settled ON jobs WHEN NEW.settled IS NOT NULL BEGIN
  INSERT INTO audit (at, client, session, job, call, outcome, code, queued_ms, elapsed_ms, rows, bytes, query_id)
  SELECT NEW.finished_at, clients.name, NEW.session, NEW.id, coalesce(job_work.call, json_object('tool', NEW.kind)), NEW.state,
    NEW.error ->> 'code', max(0, coalesce(NEW.started_at, NEW.finished_at) - NEW.ready_at),
    NEW.finished_at - NEW.started_at, NEW.used_rows, NEW.used_bytes,
    coalesce(NEW.result ->> 'queryId', NEW.error ->> 'queryId')
  FROM clients CROSS JOIN job_work ON job_work.job = NEW.seq WHERE clients.id = NEW.client;
END;
