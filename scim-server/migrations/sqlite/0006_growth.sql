-- The displayName of a resource, beside its document: a group shows the names of its members, and reading
-- them must not cost what their documents weigh.
ALTER TABLE resource ADD COLUMN display TEXT;
UPDATE resource
SET display = json_extract(document, '$.displayName')
WHERE json_type(document, '$.displayName') = 'text';

-- With `sealed` as a column SQLite finds the few changes that are not sealed by this index; without, it walked
-- over all changes of the tenant.
DROP INDEX change_unsealed;
CREATE INDEX change_unsealed ON change (tenant_id, sealed, id) WHERE sealed = 0;
