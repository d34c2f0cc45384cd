-- What a connection may do and keeps with itself: NULL for whatever its kind allows, for everywhere, for nothing.
ALTER TABLE token ADD COLUMN scopes TEXT;
ALTER TABLE token ADD COLUMN networks TEXT;
ALTER TABLE token ADD COLUMN settings TEXT;
ALTER TABLE token ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE token ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE token ADD COLUMN modified INTEGER;

-- The change that somebody asked for, in a change that followed from it within the same unit of work.
ALTER TABLE change ADD COLUMN cause BLOB;
