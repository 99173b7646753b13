-- Connections that are kept for pinned sessions, from their opening until whoever holds them has closed them: when their worker is
-- killed, they are ended in the warehouse. The lease "pin:<pin>" says whether they are still held.
CREATE TABLE pinned_connections (
  pin TEXT PRIMARY KEY,
  lane TEXT NOT NULL,
  warehouse_session TEXT NOT NULL
) STRICT, WITHOUT ROWID;
