-- additive: repositories, and who waits for whose sync.
-- Times are milliseconds since the Unix epoch.

-- What is known of a folder of files. Its index lies in files of its own beside the database, one for each generation; only the one
-- named here is read by anybody.
CREATE TABLE repositories (
  id INTEGER PRIMARY KEY,
  -- Cannot be guessed; names the folder of its index.
  key TEXT NOT NULL UNIQUE,
  namespace INTEGER NOT NULL,
  name TEXT NOT NULL,
  folder TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- 0 before the first sync has succeeded.
  generation INTEGER NOT NULL DEFAULT 0,
  -- What the published index holds, as JSON.
  facts TEXT,
  synced_at INTEGER,
  -- Of the last sync that succeeded: its number, its answer as JSON, and whether it read all files.
  answered INTEGER NOT NULL DEFAULT 0,
  answer TEXT,
  answer_full INTEGER NOT NULL DEFAULT 0,
  -- Why the last sync failed, as JSON; nothing once one has succeeded.
  failure TEXT,
  failed_at INTEGER,
  -- The last sync that was begun; and while it runs, by which claim of which job.
  number INTEGER NOT NULL DEFAULT 0,
  sync_job TEXT,
  sync_fence INTEGER,
  sync_full INTEGER NOT NULL DEFAULT 0,
  sync_since INTEGER,
  -- What becomes true in the moment its job succeeds.
  staged_generation INTEGER,
  staged_facts TEXT,
  staged_answer TEXT,
  -- Synced every so many ms for this client, next at watch_at; watch_key is the idempotency key of
  -- the last job that was queued for it.
  watch_every INTEGER,
  watch_client TEXT,
  watch_at INTEGER,
  watch_key TEXT,
  UNIQUE (namespace, name)
) STRICT;

CREATE INDEX repositories_syncing ON repositories (sync_job) WHERE sync_job IS NOT NULL;
CREATE INDEX repositories_watched ON repositories (watch_at) WHERE watch_at IS NOT NULL;

-- Jobs that wait for the sync of another job: any that succeeds with this number or a later one answers them.
CREATE TABLE sync_joiners (
  job TEXT PRIMARY KEY,
  repository INTEGER NOT NULL,
  number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sync_joiners_of ON sync_joiners (repository);

-- However a sync's job stops running: what it staged is published if it succeeded and is still the one, and in no other way.
CREATE TRIGGER repository_syncs_end AFTER UPDATE OF state ON jobs
  WHEN OLD.kind = 'repo-sync' AND OLD.state = 'running' AND NEW.state <> 'running' BEGIN
  UPDATE repositories SET generation = staged_generation, facts = coalesce(staged_facts, facts), synced_at = NEW.finished_at,
      answered = number, answer = staged_answer, answer_full = sync_full, failure = NULL, failed_at = NULL
    WHERE sync_job = OLD.id AND sync_fence = OLD.fence AND NEW.state = 'succeeded' AND staged_generation IS NOT NULL;
  UPDATE repositories SET failure = NEW.error, failed_at = NEW.finished_at
    WHERE sync_job = OLD.id AND sync_fence = OLD.fence AND NEW.state IN ('failed', 'cancelled');
  UPDATE jobs SET run_at = min(run_at, coalesce(NEW.finished_at, NEW.ready_at))
    WHERE state = 'scheduled' AND id IN (SELECT job FROM sync_joiners
      WHERE repository = (SELECT id FROM repositories WHERE sync_job = OLD.id AND sync_fence = OLD.fence));
  UPDATE repositories SET sync_job = NULL, sync_fence = NULL, sync_since = NULL, staged_generation = NULL, staged_facts = NULL,
      staged_answer = NULL WHERE sync_job = OLD.id AND sync_fence = OLD.fence;
  -- What it was to wait for may have ended while it was set back.
  UPDATE jobs SET run_at = OLD.started_at WHERE seq = NEW.seq AND NEW.state = 'scheduled' AND EXISTS (
    SELECT 1 FROM sync_joiners CROSS JOIN repositories ON repositories.id = sync_joiners.repository
    WHERE job = NEW.id AND sync_job IS NULL);
END;

CREATE TRIGGER sync_joiners_end AFTER UPDATE OF settled ON jobs
  WHEN NEW.settled IS NOT NULL AND OLD.kind = 'repo-sync' BEGIN
  DELETE FROM sync_joiners WHERE job = NEW.id;
END;

-- Whoever waits for a repository that is gone is begun anew, and told so.
CREATE TRIGGER repositories_removed AFTER DELETE ON repositories BEGIN
  UPDATE jobs SET run_at = created_at WHERE state = 'scheduled' AND id IN (SELECT job FROM sync_joiners WHERE repository = OLD.id);
  DELETE FROM sync_joiners WHERE repository = OLD.id;
END;

CREATE TRIGGER namespaces_repositories_removed AFTER UPDATE OF removed_at ON namespaces
  WHEN NEW.removed_at IS NOT NULL AND OLD.removed_at IS NULL BEGIN
  DELETE FROM repositories WHERE namespace = NEW.id;
END;
