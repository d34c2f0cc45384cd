CREATE TABLE tenant (
    id TEXT NOT NULL PRIMARY KEY,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE resource (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    owner BLOB,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX resource_by_kind ON resource (tenant_id, kind, id);
CREATE INDEX resource_by_owner ON resource (tenant_id, owner, kind, id);

CREATE TABLE unique_key (
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    scope BLOB NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, attribute, value, scope),
    FOREIGN KEY (tenant_id, id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX unique_key_by_id ON unique_key (tenant_id, id);

CREATE TABLE lookup_key (
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, attribute, value, id),
    FOREIGN KEY (tenant_id, id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX lookup_key_by_id ON lookup_key (tenant_id, id);

CREATE TABLE membership (
    tenant_id TEXT NOT NULL,
    owner_id BLOB NOT NULL,
    attribute TEXT NOT NULL,
    member_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, owner_id, attribute, member_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, member_id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_by_member ON membership (tenant_id, member_id, attribute, owner_id);

CREATE TABLE change (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor BLOB,
    owner BLOB,
    change_set BLOB,
    kind TEXT NOT NULL,
    resource BLOB,
    version INTEGER NOT NULL,
    what TEXT NOT NULL,
    commitment BLOB NOT NULL,
    sealed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_unsealed ON change (tenant_id, id) WHERE sealed = 0;
CREATE INDEX change_by_resource ON change (tenant_id, resource, version);

CREATE TABLE change_body (
    tenant_id TEXT NOT NULL,
    id BLOB NOT NULL,
    before TEXT,
    after TEXT,
    request TEXT,
    salt BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES change (tenant_id, id)
) STRICT;

CREATE TABLE seal (
    tenant_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    change_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (tenant_id, sequence),
    UNIQUE (tenant_id, change_id),
    FOREIGN KEY (tenant_id, change_id) REFERENCES change (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    holder BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    id BLOB NOT NULL,
    queue TEXT NOT NULL,
    due INTEGER NOT NULL,
    lease INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_by_due ON job (tenant_id, queue, due);

CREATE TABLE token (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER,
    last_used INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE token_secret (
    tenant_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    token_id BLOB NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, token_id) REFERENCES token (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_secret_by_token ON token_secret (tenant_id, token_id);
