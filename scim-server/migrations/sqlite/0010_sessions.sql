-- Who has signed in, as the SHA-256 of a secret that their browser keeps; and secrets that belong to a resource
-- and that no document shows.
CREATE TABLE session (
    tenant_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    person BLOB NOT NULL,
    name TEXT NOT NULL,
    how TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_person ON session (tenant_id, person);
CREATE INDEX session_by_expires ON session (tenant_id, expires);

CREATE TABLE kept_secret (
    tenant_id TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (tenant_id, resource_id, name),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
