-- Who has signed in, as the SHA-256 of a secret that their browser keeps; and secrets that belong to a resource
-- and that no document shows.
CREATE TABLE session (
    tenant_id TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    person UUID NOT NULL,
    name TEXT NOT NULL,
    how TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX session_by_person ON session (tenant_id, person);
CREATE INDEX session_by_expires ON session (tenant_id, expires);

CREATE TABLE kept_secret (
    tenant_id TEXT COLLATE "C" NOT NULL,
    resource_id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, resource_id, name),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
);
