-- The displayName of a resource, beside its document: a group shows the names of its members, and reading
-- them must not cost what their documents weigh.
ALTER TABLE resource ADD COLUMN display TEXT COLLATE "C";
UPDATE resource
SET display = document::jsonb ->> 'displayName'
WHERE jsonb_typeof(document::jsonb -> 'displayName') = 'string';
