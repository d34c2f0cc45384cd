-- What a write costs is the rows and indexes that it touches. Keys are found by their whole rows, which the
-- document of their resource tells, so no index by resource is kept for them. The personal part of a change
-- stands in its row, and what waits to be sealed in a table of its own, so that a change is written once. The
-- row of a tenant is not locked by each of its writes: nothing deletes a tenant.
ALTER TABLE unique_key DROP CONSTRAINT unique_key_tenant_id_id_fkey;
DROP INDEX unique_key_by_id;
ALTER TABLE lookup_key DROP CONSTRAINT lookup_key_tenant_id_id_fkey;
DROP INDEX lookup_key_by_id;

CREATE TABLE unsealed (
    tenant_id TEXT COLLATE "C" NOT NULL,
    change_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, change_id)
);
INSERT INTO unsealed
SELECT tenant_id, id
FROM change
WHERE sealed = 0;

ALTER TABLE change ADD COLUMN before TEXT;
ALTER TABLE change ADD COLUMN after TEXT;
ALTER TABLE change ADD COLUMN request TEXT;
ALTER TABLE change ADD COLUMN salt BYTEA;
UPDATE change c
SET before = b.before, after = b.after, request = b.request, salt = b.salt
FROM change_body b
WHERE b.tenant_id = c.tenant_id AND b.id = c.id;
DROP TABLE change_body;
DROP INDEX change_unsealed;
ALTER TABLE change DROP COLUMN sealed;
ALTER TABLE change DROP COLUMN change_set;
ALTER TABLE change DROP CONSTRAINT change_tenant_id_fkey;
ALTER TABLE seal DROP CONSTRAINT seal_tenant_id_change_id_fkey;
ALTER TABLE resource DROP CONSTRAINT resource_tenant_id_fkey;

-- Pages are found by what came and went, which is asked for often, and is in this index as a whole.
CREATE INDEX change_of_lives ON change (tenant_id, id, kind, what, owner, resource)
    WHERE what IN ('created', 'deleted');
