-- additive: jobs of memories and of repositories are counted beside those of the warehouse, so that neither kind takes the
-- other's places.

-- What the lane's jobs need: 'warehouse', 'memory' or 'code'.
ALTER TABLE client_lanes ADD COLUMN works_on TEXT NOT NULL DEFAULT 'warehouse';

-- Of `queued` and `scheduled`, and of `running`: those that do not need the warehouse.
ALTER TABLE queue ADD COLUMN memory_waiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN memory_running INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN code_waiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN code_running INTEGER NOT NULL DEFAULT 0;

-- Slots by lane, as JSON; nothing where all lanes share them.
ALTER TABLE workers ADD COLUMN slots TEXT;

CREATE TRIGGER client_lanes_counted AFTER UPDATE OF scheduled, queued, running ON client_lanes
  WHEN NEW.works_on <> 'warehouse' BEGIN
  UPDATE queue SET
    memory_waiting = memory_waiting
      + iif(NEW.works_on = 'memory', NEW.queued + NEW.scheduled - OLD.queued - OLD.scheduled, 0),
    memory_running = memory_running + iif(NEW.works_on = 'memory', NEW.running - OLD.running, 0),
    code_waiting = code_waiting
      + iif(NEW.works_on = 'code', NEW.queued + NEW.scheduled - OLD.queued - OLD.scheduled, 0),
    code_running = code_running + iif(NEW.works_on = 'code', NEW.running - OLD.running, 0);
END;
