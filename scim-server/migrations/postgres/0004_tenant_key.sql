-- Secret keys that all processes share, such as the one that seals cursors.
CREATE TABLE tenant_key (
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    name TEXT COLLATE "C" NOT NULL,
    secret BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
