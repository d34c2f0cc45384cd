-- What a write costs is the pages that it touches. Keys are found by their whole rows, which the document of
-- their resource tells, so no index by resource is kept for them. The personal part of a change stands in its
-- row, and what waits to be sealed in a table of its own, so that a change is written once.
CREATE TABLE unique_key_ (
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    scope BLOB NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, attribute, value, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO unique_key_
SELECT tenant_id, kind, attribute, value, scope, id
FROM unique_key
ORDER BY tenant_id, kind, attribute, value, scope;
DROP TABLE unique_key;
ALTER TABLE unique_key_ RENAME TO unique_key;

CREATE TABLE lookup_key_ (
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, attribute, value, id)
) STRICT, WITHOUT ROWID;
INSERT INTO lookup_key_
SELECT tenant_id, kind, attribute, value, id
FROM lookup_key
ORDER BY tenant_id, kind, attribute, value, id;
DROP TABLE lookup_key;
ALTER TABLE lookup_key_ RENAME TO lookup_key;

CREATE TABLE unsealed (
    tenant_id TEXT NOT NULL,
    change_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, change_id)
) STRICT, WITHOUT ROWID;
INSERT INTO unsealed
SELECT tenant_id, id
FROM change
WHERE sealed = 0;

CREATE TABLE change_ (
    tenant_id TEXT NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor BLOB,
    owner BLOB,
    kind TEXT NOT NULL,
    resource BLOB,
    version INTEGER NOT NULL,
    what TEXT NOT NULL,
    cause BLOB,
    commitment BLOB NOT NULL,
    before TEXT,
    after TEXT,
    request TEXT,
    salt BLOB,
    PRIMARY KEY (tenant_id, id)
) STRICT;
INSERT INTO change_
SELECT c.tenant_id, c.id, c.at, c.actor, c.owner, c.kind, c.resource, c.version, c.what, c.cause, c.commitment,
    b.before, b.after, b.request, b.salt
FROM change c
LEFT JOIN change_body b ON b.tenant_id = c.tenant_id AND b.id = c.id
ORDER BY c.tenant_id, c.id;

CREATE TABLE seal_ (
    tenant_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    change_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (tenant_id, sequence),
    UNIQUE (tenant_id, change_id)
) STRICT, WITHOUT ROWID;
INSERT INTO seal_
SELECT tenant_id, sequence, change_id, hash
FROM seal
ORDER BY tenant_id, sequence;

DROP TABLE seal;
DROP TABLE change_body;
DROP TABLE change;
ALTER TABLE change_ RENAME TO change;
ALTER TABLE seal_ RENAME TO seal;
CREATE INDEX change_by_resource ON change (tenant_id, resource, version);

-- Pages are found by what came and went, which is asked for often, and is in this index as a whole.
CREATE INDEX change_of_lives ON change (tenant_id, id, kind, what, owner, resource)
    WHERE what IN ('created', 'deleted');
