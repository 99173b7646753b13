-- What a client may do, and the tokens that prove who calls. Clients that only made themselves known by their calls have a row, too.

ALTER TABLE clients ADD COLUMN client_group TEXT;
-- JSON: statement classes, roles, warehouses, databases, schemas, tables; absent members allow everything.
ALTER TABLE clients ADD COLUMN permissions TEXT NOT NULL DEFAULT '{}';
ALTER TABLE clients ADD COLUMN max_running INTEGER;
ALTER TABLE clients ADD COLUMN max_queued INTEGER;
ALTER TABLE clients ADD COLUMN smooth INTEGER NOT NULL DEFAULT 0;
-- 1 once somebody has added it; 0 while it is known only from its calls.
ALTER TABLE clients ADD COLUMN registered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN removed_at INTEGER;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  client INTEGER NOT NULL REFERENCES clients (id),
  -- SHA-256 of the whole token, in hex: the token itself is kept nowhere.
  secret_hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_of_client ON tokens (client);

-- Locks that hold across processes. A released one keeps its row, so that its fence only ever grows.
CREATE TABLE leases (
  resource TEXT PRIMARY KEY,
  holder TEXT,
  boot TEXT,
  -- Ms of that boot's monotonic clock.
  held_until REAL,
  fence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
