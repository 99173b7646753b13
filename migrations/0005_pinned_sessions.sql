-- Where a session's connection is held, as JSON: the pin's id, its worker, and the lane that leads there. The lease "pin:<id>" says
-- whether it is still held; a pin without one has lost what it held.
ALTER TABLE sessions ADD COLUMN pin TEXT;
