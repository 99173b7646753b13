-- Fair order by what each client's jobs have been seen to take, and a clock that estimates cannot put forward.

DROP TRIGGER jobs_added;
DROP TRIGGER jobs_moved;
DROP TRIGGER jobs_stopped;
DROP TRIGGER jobs_deleted;

-- The time of the claim that set the lane's virtual time, and what jobs of this lane take on the average, in seconds.
ALTER TABLE lanes ADD COLUMN clock_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN mean_s REAL;

-- Of the virtual time, what is charged provisionally for jobs that run; the sum of the times they started; and what this
-- client's jobs take on the average, in seconds.
ALTER TABLE client_lanes ADD COLUMN pending REAL NOT NULL DEFAULT 0;
ALTER TABLE client_lanes ADD COLUMN started INTEGER NOT NULL DEFAULT 0;
ALTER TABLE client_lanes ADD COLUMN mean_s REAL;
ALTER TABLE client_lanes DROP COLUMN lifts;

-- What is charged provisionally while the job runs. When it stops: `correction` is added to its client's virtual time, and
-- `mean_s` is what the client's jobs take with this one.
ALTER TABLE jobs ADD COLUMN charge REAL NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN mean_s REAL;
ALTER TABLE jobs DROP COLUMN lifts;
ALTER TABLE jobs DROP COLUMN finish_tag;

UPDATE jobs SET charge = estimate_s / (SELECT weight FROM clients WHERE id = jobs.client) WHERE state = 'running';
UPDATE client_lanes SET
  pending = (SELECT coalesce(sum(charge), 0) FROM jobs INDEXED BY jobs_leased
    WHERE state = 'running' AND client_lane = client_lanes.id),
  started = (SELECT coalesce(sum(started_at), 0) FROM jobs INDEXED BY jobs_leased
    WHERE state = 'running' AND client_lane = client_lanes.id)
WHERE running > 0;

CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
  UPDATE client_lanes SET
    scheduled = scheduled + (NEW.state = 'scheduled'),
    queued = queued + (NEW.state = 'queued')
  WHERE id = NEW.client_lane;
  UPDATE queue SET
    scheduled = scheduled + (NEW.state = 'scheduled'),
    queued = queued + (NEW.state = 'queued');
END;

-- Charge, correction and mean are worked out by the engine; written here, they cost no second update of an indexed row.
CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN OLD.state <> NEW.state BEGIN
  UPDATE client_lanes SET
    virtual_time = virtual_time + CASE 'running' WHEN NEW.state THEN NEW.charge WHEN OLD.state THEN NEW.correction ELSE 0 END,
    pending = CASE 'running'
      WHEN NEW.state THEN pending + NEW.charge
      WHEN OLD.state THEN iif(running = 1, 0, pending - OLD.charge)
      ELSE pending END,
    started = started + CASE 'running' WHEN NEW.state THEN NEW.started_at WHEN OLD.state THEN -OLD.started_at ELSE 0 END,
    mean_s = CASE 'running' WHEN OLD.state THEN NEW.mean_s ELSE mean_s END,
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

-- A client below its cap again may be claimed from again, in all its lanes.
CREATE TRIGGER jobs_stopped AFTER UPDATE OF state ON jobs WHEN OLD.state = 'running' AND NEW.state <> 'running' BEGIN
  UPDATE client_lanes SET capped = 0 WHERE client = NEW.client AND capped = 1;
END;

-- Whoever could not be served and can be again is lifted to the lane's clock, with what its running jobs still have before
-- them on top: no credit for the time in between. (`lift` in src/fairness/virtual-time.ts.)
CREATE TRIGGER client_lanes_eligible AFTER UPDATE OF queued, capped, wake_at ON client_lanes
  WHEN NEW.queued > 0 AND NEW.capped = 0 AND NEW.wake_at IS NULL
    AND (OLD.queued = 0 OR OLD.capped = 1 OR OLD.wake_at IS NOT NULL) BEGIN
  UPDATE client_lanes SET virtual_time = max(virtual_time, (
    SELECT lanes.virtual_time + iif(NEW.running = 0, 0, max(0, NEW.pending
      - max(0, NEW.running * lanes.clock_at - NEW.started) / 1000.0 / (SELECT weight FROM clients WHERE id = NEW.client)))
    FROM lanes WHERE id = NEW.lane))
  WHERE id = NEW.id;
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
