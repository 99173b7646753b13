import { CHUNKS_VERSION } from './chunks/cut.js';

/**
 * What a file of the index looks like; another number is another layout or another way to cut and to split words, and
 * everything is indexed anew.
 */
export const INDEX_VERSION = 2_000 + CHUNKS_VERSION;

/** `body`: the chunk's words. `whole`: its identifiers of several words, each as one. `names`: its symbols, and the file's path. */
export const INDEX_SCHEMA = `
CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  -- Empty for a file that has no text to index: it is not read again before it changes.
  language TEXT NOT NULL,
  size INTEGER NOT NULL,
  -- Its time of change in ms since the epoch; 0 when it was read so soon after that another change might not show.
  modified REAL NOT NULL,
  digest BLOB,
  why TEXT
) STRICT;
CREATE INDEX files_by_language ON files (language);

-- A file's text as raw deflate; chunks are ranges of it.
CREATE TABLE texts (file INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;

CREATE TABLE chunks (
  id INTEGER PRIMARY KEY,
  file INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  first_line INTEGER NOT NULL,
  last_line INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT
) STRICT;
CREATE INDEX chunks_of_file ON chunks (file);

CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE) STRICT;

-- role: 0 defines, 1 describes, 2 uses
CREATE TABLE symbols (
  name INTEGER NOT NULL,
  role INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  PRIMARY KEY (name, role, chunk)
) STRICT, WITHOUT ROWID;
CREATE INDEX symbols_of_chunk ON symbols (chunk);

CREATE VIRTUAL TABLE words USING fts5 (
  body, whole, names, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO words (words, rank) VALUES ('hashsize', 8388608);
`;
