-- Jobs, their fair order, their results, and who works on them.
-- Times are milliseconds since the Unix epoch; lease times (…_until) are milliseconds of the monotonic clock of the boot
-- named beside them. Virtual times are seconds of cost divided by weight.

-- One row: what the caps and sequences need without counting. Kept by triggers, except for the clocks.
CREATE TABLE queue (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  queued INTEGER NOT NULL DEFAULT 0,
  scheduled INTEGER NOT NULL DEFAULT 0,
  running INTEGER NOT NULL DEFAULT 0,
  -- The last fencing token given out.
  fence INTEGER NOT NULL DEFAULT 0,
  -- The last number given to a job that reached a final state: writers are serialised, so this is commit order.
  settled INTEGER NOT NULL DEFAULT 0,
  -- Virtual time of fair order between lanes.
  virtual_time REAL NOT NULL DEFAULT 0
) STRICT;

INSERT INTO queue (id) VALUES (1);

CREATE TABLE lanes (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- Virtual time of fair order between the clients of this lane: the start tag of the job last claimed.
  virtual_time REAL NOT NULL DEFAULT 0,
  -- The lane's own finish tag in fair order between lanes.
  service REAL NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE clients (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  weight REAL NOT NULL DEFAULT 1 CHECK (weight > 0),
  created_at INTEGER NOT NULL
) STRICT;

-- A client's place in one lane. The counts are kept by triggers on jobs, so no way of changing a job can make them drift.
CREATE TABLE client_lanes (
  id INTEGER PRIMARY KEY,
  client INTEGER NOT NULL REFERENCES clients (id),
  lane INTEGER NOT NULL REFERENCES lanes (id),
  virtual_time REAL NOT NULL DEFAULT 0,
  -- How often the virtual time was lifted: a refund from before a lift is void.
  lifts INTEGER NOT NULL DEFAULT 0,
  -- 1 while the client runs as many jobs as it may.
  capped INTEGER NOT NULL DEFAULT 0,
  -- Set while the client is parked until then (limits that smooth instead of refusing).
  wake_at INTEGER,
  scheduled INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0,
  running INTEGER NOT NULL DEFAULT 0,
  succeeded INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  expired INTEGER NOT NULL DEFAULT 0,
  UNIQUE (client, lane)
) STRICT;

CREATE INDEX client_lanes_ready ON client_lanes (lane, virtual_time)
  WHERE queued > 0 AND capped = 0 AND wake_at IS NULL;
CREATE INDEX client_lanes_waking ON client_lanes (wake_at) WHERE wake_at IS NOT NULL;

CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  client INTEGER NOT NULL REFERENCES clients (id),
  client_lane INTEGER NOT NULL REFERENCES client_lanes (id),
  -- 0 high, 1 normal, 2 low
  priority INTEGER NOT NULL,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  write INTEGER NOT NULL,
  session TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  max_attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  -- When it could run: waiting and the queue time-out count from here.
  ready_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  worker TEXT,
  fence INTEGER,
  lease_boot TEXT,
  lease_until REAL,
  -- The provisional cost charged at claim, the client lane's lifts at that time, its virtual time after the charge, and
  -- what is added to that when the job stops running.
  estimate_s REAL NOT NULL,
  lifts INTEGER,
  finish_tag REAL,
  correction REAL NOT NULL DEFAULT 0,
  request_id TEXT,
  dispatched_at INTEGER,
  -- The claim that dispatched last.
  dispatched_fence INTEGER,
  -- 1 while the outcome of what was dispatched is not known.
  dispatch_open INTEGER NOT NULL DEFAULT 0,
  attached INTEGER NOT NULL,
  waiter TEXT,
  waiter_boot TEXT,
  waiter_until REAL,
  queue_timeout_ms INTEGER NOT NULL,
  expires_at INTEGER,
  cancel_requested TEXT,
  progress TEXT,
  result TEXT,
  error TEXT,
  execution_ms INTEGER NOT NULL DEFAULT 0,
  used_rows INTEGER NOT NULL DEFAULT 0,
  used_bytes INTEGER NOT NULL DEFAULT 0,
  result_ttl_ms INTEGER NOT NULL,
  result_expires_at INTEGER,
  -- When its pages are to be deleted; nothing when there are none (any more).
  pages_until INTEGER,
  settled INTEGER,
  idempotency_key TEXT
) STRICT;

CREATE INDEX jobs_queued ON jobs (client_lane, priority, seq) WHERE state = 'queued';
CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE state = 'queued' AND expires_at IS NOT NULL;
CREATE INDEX jobs_scheduled ON jobs (run_at) WHERE state = 'scheduled';
CREATE INDEX jobs_leased ON jobs (lease_boot, lease_until) WHERE state = 'running';
CREATE INDEX jobs_awaited ON jobs (waiter_boot, waiter_until)
  WHERE attached = 1 AND settled IS NULL AND cancel_requested IS NULL;
CREATE INDEX jobs_settled ON jobs (settled) WHERE settled IS NOT NULL;
CREATE INDEX jobs_paged ON jobs (pages_until) WHERE pages_until IS NOT NULL;
CREATE INDEX jobs_of_client ON jobs (client, seq);
CREATE UNIQUE INDEX jobs_idempotent ON jobs (client, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- What never changes about a job, apart from it: heartbeats and claims then rewrite a small row.
CREATE TABLE job_work (
  job INTEGER PRIMARY KEY REFERENCES jobs (seq),
  payload TEXT NOT NULL,
  context TEXT NOT NULL,
  flags TEXT NOT NULL,
  reason TEXT
) STRICT;

CREATE TABLE result_pages (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES jobs (seq),
  attempt INTEGER NOT NULL,
  page INTEGER NOT NULL,
  -- Bytes of JSON before compression.
  bytes INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (job, attempt, page)
) STRICT;

-- The latest claims: a ring, so it never has to be swept.
CREATE TABLE waits (
  slot INTEGER PRIMARY KEY,
  claimed_at INTEGER NOT NULL,
  client INTEGER NOT NULL,
  wait_ms INTEGER NOT NULL
) STRICT;

-- Jobs that reached a final state, by second.
CREATE TABLE finished (
  second INTEGER PRIMARY KEY,
  jobs INTEGER NOT NULL,
  -- Those of them that ran, and for how long.
  ran INTEGER NOT NULL,
  execution_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  client TEXT NOT NULL,
  name TEXT NOT NULL,
  context TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (client, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  lanes TEXT NOT NULL,
  concurrency INTEGER NOT NULL,
  client TEXT,
  state TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL,
  heartbeat_ms INTEGER NOT NULL,
  seen_boot TEXT NOT NULL,
  seen_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
  UPDATE client_lanes SET
    lifts = lifts + (NEW.state = 'queued' AND queued = 0
      AND virtual_time < (SELECT virtual_time FROM lanes WHERE id = client_lanes.lane)),
    virtual_time = CASE WHEN NEW.state = 'queued' AND queued = 0
      THEN max(virtual_time, (SELECT virtual_time FROM lanes WHERE id = client_lanes.lane))
      ELSE virtual_time END,
    scheduled = scheduled + (NEW.state = 'scheduled'),
    queued = queued + (NEW.state = 'queued')
  WHERE id = NEW.client_lane;
  UPDATE queue SET
    scheduled = scheduled + (NEW.state = 'scheduled'),
    queued = queued + (NEW.state = 'queued');
END;

-- Charge and correction are worked out by the engine; written here, they cost no second update of an indexed row.
CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN OLD.state <> NEW.state BEGIN
  UPDATE client_lanes SET
    lifts = lifts + (NEW.state = 'queued' AND queued = 0
      AND virtual_time + iif(OLD.state = 'running', NEW.correction, 0)
        < (SELECT virtual_time FROM lanes WHERE id = client_lanes.lane)),
    virtual_time = CASE
      WHEN NEW.state = 'running' THEN NEW.finish_tag
      WHEN NEW.state = 'queued' AND queued = 0 THEN max(
        virtual_time + iif(OLD.state = 'running', NEW.correction, 0),
        (SELECT virtual_time FROM lanes WHERE id = client_lanes.lane))
      ELSE virtual_time + iif(OLD.state = 'running', NEW.correction, 0) END,
    scheduled = scheduled + (NEW.state = 'scheduled') - (OLD.state = 'scheduled'),
    queued = queued + (NEW.state = 'queued') - (OLD.state = 'queued'),
    running = running + (NEW.state = 'running') - (OLD.state = 'running'),
    succeeded = succeeded + (NEW.state = 'succeeded'),
    failed = failed + (NEW.state = 'failed'),
    cancelled = cancelled + (NEW.state = 'cancelled'),
    expired = expired + (NEW.state = 'expired')
  WHERE id = NEW.client_lane;
  UPDATE queue SET
    scheduled = scheduled + (NEW.state = 'scheduled') - (OLD.state = 'scheduled'),
    queued = queued + (NEW.state = 'queued') - (OLD.state = 'queued'),
    running = running + (NEW.state = 'running') - (OLD.state = 'running'),
    settled = settled + (NEW.settled IS NOT NULL);
END;

-- A client below its cap again may be claimed from again, in all its lanes; no credit for the time it could not.
CREATE TRIGGER jobs_stopped AFTER UPDATE OF state ON jobs WHEN OLD.state = 'running' AND NEW.state <> 'running' BEGIN
  UPDATE client_lanes SET
    capped = 0,
    lifts = lifts + (virtual_time < (SELECT virtual_time FROM lanes WHERE id = client_lanes.lane)),
    virtual_time = max(virtual_time, (SELECT virtual_time FROM lanes WHERE id = client_lanes.lane))
  WHERE client = NEW.client AND capped = 1;
END;

CREATE TRIGGER jobs_finished AFTER UPDATE OF settled ON jobs WHEN NEW.settled IS NOT NULL BEGIN
  INSERT INTO finished (second, jobs, ran, execution_ms)
    VALUES (NEW.finished_at / 1000, 1, NEW.started_at IS NOT NULL, NEW.execution_ms)
    ON CONFLICT (second) DO UPDATE SET
      jobs = jobs + 1, ran = ran + excluded.ran, execution_ms = execution_ms + excluded.execution_ms;
END;

CREATE TRIGGER jobs_deleted AFTER DELETE ON jobs BEGIN
  UPDATE client_lanes SET
    scheduled = scheduled - (OLD.state = 'scheduled'),
    queued = queued - (OLD.state = 'queued'),
    running = running - (OLD.state = 'running'),
    succeeded = succeeded - (OLD.state = 'succeeded'),
    failed = failed - (OLD.state = 'failed'),
    cancelled = cancelled - (OLD.state = 'cancelled'),
    expired = expired - (OLD.state = 'expired')
  WHERE id = OLD.client_lane;
  UPDATE queue SET
    scheduled = scheduled - (OLD.state = 'scheduled'),
    queued = queued - (OLD.state = 'queued'),
    running = running - (OLD.state = 'running');
  DELETE FROM job_work WHERE job = OLD.seq;
  DELETE FROM result_pages WHERE job = OLD.seq;
END;
