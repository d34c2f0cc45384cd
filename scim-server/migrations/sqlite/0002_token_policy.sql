-- The name of a policy; NULL for tokens that are older than policies.
ALTER TABLE token ADD COLUMN policy TEXT;
