-- What a connection may do and keeps with itself: NULL for whatever its kind allows, for everywhere, for nothing.
ALTER TABLE token ADD COLUMN scopes TEXT COLLATE "C";
ALTER TABLE token ADD COLUMN networks TEXT COLLATE "C";
ALTER TABLE token ADD COLUMN settings TEXT COLLATE "C";
ALTER TABLE token ADD COLUMN active BIGINT NOT NULL DEFAULT 1;
ALTER TABLE token ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE token ADD COLUMN modified BIGINT;

-- The change that somebody asked for, in a change that followed from it within the same unit of work.
ALTER TABLE change ADD COLUMN cause UUID;
