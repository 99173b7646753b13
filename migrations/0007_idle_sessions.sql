-- The sweep ends sessions by the time of their last use.
CREATE INDEX sessions_idle ON sessions (used_at);
