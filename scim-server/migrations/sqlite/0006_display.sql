-- The displayName of a resource, beside its document: a group shows the names of its members, and reading
-- them must not cost what their documents weigh.
ALTER TABLE resource ADD COLUMN display TEXT;
UPDATE resource
SET display = json_extract(document, '$.displayName')
WHERE json_type(document, '$.displayName') = 'text';
