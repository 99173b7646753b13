-- How the last login with some credentials ended, for all processes: those that were refused are not tried again for a while, and while
-- none has succeeded lately they are tried one at a time. Nothing here tells what the credentials are.
CREATE TABLE logins (
  credentials TEXT PRIMARY KEY,
  -- Why it was refused, as JSON; nothing for one that was accepted.
  refused TEXT,
  -- How long it is not tried again after a refusal, in ms.
  pause_ms INTEGER NOT NULL,
  -- On the monotonic clock of this boot, in ms.
  ended_at INTEGER NOT NULL,
  boot TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_oldest ON logins (ended_at);
