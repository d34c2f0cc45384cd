-- Secret keys that all processes share, such as the one that seals cursors.
CREATE TABLE tenant_key (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    secret BLOB NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;
