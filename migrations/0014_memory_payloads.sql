-- additive: what an operation on memories was given is forgotten with its success: a memory that is deleted is not to live on in the job that stored it.
-- One that has failed keeps it, to be retried.

CREATE TRIGGER memory_jobs_succeeded AFTER UPDATE OF state ON jobs
  WHEN NEW.kind = 'memory' AND NEW.state = 'succeeded' AND OLD.state <> 'succeeded' BEGIN
  UPDATE job_work SET payload = json_set(payload, '$.arguments', json('{}')) WHERE job = NEW.seq;
END;

UPDATE job_work SET payload = json_set(payload, '$.arguments', json('{}'))
  WHERE job IN (SELECT seq FROM jobs WHERE kind = 'memory' AND state = 'succeeded');
