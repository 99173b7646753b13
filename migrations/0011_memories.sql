-- additive: memories and the namespaces that hold them.
-- Times are milliseconds since the Unix epoch.

-- What a client may find and what it may write is decided here and nowhere else. Counts, bytes and words are kept by triggers.
CREATE TABLE namespaces (
  id INTEGER PRIMARY KEY,
  -- own: of one client, made when it first stores something; team and project: shared, by grants.
  kind TEXT NOT NULL CHECK (kind IN ('own', 'team', 'project')),
  -- Of an own one: the owner of the client's sessions.
  name TEXT NOT NULL,
  -- Whose quota its bytes count against; nothing: nobody's.
  owner TEXT,
  created_at INTEGER NOT NULL,
  -- Set while what it held is being deleted: nobody finds it any more.
  removed_at INTEGER,
  memories INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  -- Words in all its memories: with their number, the average length that ranking goes by.
  words INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX namespaces_own ON namespaces (name) WHERE kind = 'own' AND removed_at IS NULL;
CREATE UNIQUE INDEX namespaces_shared ON namespaces (name) WHERE kind <> 'own' AND removed_at IS NULL;
CREATE INDEX namespaces_of_owner ON namespaces (owner) WHERE owner IS NOT NULL;
CREATE INDEX namespaces_removed ON namespaces (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE namespace_grants (
  namespace INTEGER NOT NULL REFERENCES namespaces (id),
  scope TEXT NOT NULL CHECK (scope IN ('client', 'group')),
  name TEXT NOT NULL,
  -- 0 read, 1 read and write
  may_write INTEGER NOT NULL,
  PRIMARY KEY (scope, name, namespace)
) STRICT, WITHOUT ROWID;

CREATE INDEX namespace_grants_of ON namespace_grants (namespace);

-- One row: the last place given out, so that none is given twice.
CREATE TABLE memory_places (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  last INTEGER NOT NULL
) STRICT;

INSERT INTO memory_places (id, last) VALUES (1, 0);

CREATE TABLE memories (
  -- Place × 256 + class of length: the index answers with it all that ranking needs of a memory. A changed text gets a new one.
  seq INTEGER PRIMARY KEY,
  namespace INTEGER NOT NULL REFERENCES namespaces (id),
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  text TEXT NOT NULL,
  -- JSON arrays of text.
  tags TEXT NOT NULL,
  links TEXT NOT NULL,
  source TEXT,
  -- JSON object.
  metadata TEXT,
  -- The client that wrote it last.
  author TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  words INTEGER NOT NULL,
  -- Of the text without differences of white space: equal ones are duplicates.
  digest BLOB NOT NULL,
  -- The job that wrote it last: its second attempt finds its work done.
  operation TEXT,
  bytes INTEGER NOT NULL GENERATED ALWAYS AS (octet_length(text) + octet_length(tags) + octet_length(links)
    + coalesce(octet_length(source), 0) + coalesce(octet_length(metadata), 0)) VIRTUAL,
  UNIQUE (namespace, id)
) STRICT;

CREATE INDEX memories_by_time ON memories (namespace, created_at, id);
CREATE INDEX memories_by_digest ON memories (namespace, digest);
CREATE INDEX memories_expiring ON memories (expires_at) WHERE expires_at IS NOT NULL;

-- Every term begins with its namespace, so lists of hits, ranges of terms and frequencies never reach into another one's.
CREATE VIRTUAL TABLE memory_index USING fts5 (terms, content = '', contentless_delete = 1, tokenize = "ascii tokenchars './#@~%='");
CREATE VIRTUAL TABLE memory_frequencies USING fts5vocab (memory_index, row);

CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN
  UPDATE namespaces SET memories = memories + 1, bytes = bytes + NEW.bytes, words = words + NEW.words WHERE id = NEW.namespace;
END;

CREATE TRIGGER memories_changed AFTER UPDATE ON memories BEGIN
  UPDATE namespaces SET memories = memories - 1, bytes = bytes - OLD.bytes, words = words - OLD.words WHERE id = OLD.namespace;
  UPDATE namespaces SET memories = memories + 1, bytes = bytes + NEW.bytes, words = words + NEW.words WHERE id = NEW.namespace;
END;

-- However a memory goes, the index forgets it.
CREATE TRIGGER memories_deleted AFTER DELETE ON memories BEGIN
  UPDATE namespaces SET memories = memories - 1, bytes = bytes - OLD.bytes, words = words - OLD.words WHERE id = OLD.namespace;
  DELETE FROM memory_index WHERE rowid = OLD.seq;
END;

-- A client that is made again has nothing of what it was.
CREATE TRIGGER clients_memories_removed AFTER UPDATE OF removed_at ON clients
  WHEN NEW.removed_at IS NOT NULL AND OLD.removed_at IS NULL BEGIN
  UPDATE namespaces SET removed_at = NEW.removed_at WHERE kind = 'own' AND name = NEW.name AND removed_at IS NULL;
  UPDATE namespaces SET owner = NULL WHERE owner = NEW.name;
  DELETE FROM namespace_grants WHERE scope = 'client' AND name = NEW.name;
END;
