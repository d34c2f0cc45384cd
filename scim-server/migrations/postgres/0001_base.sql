CREATE TABLE tenant (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    created BIGINT NOT NULL
);

CREATE TABLE resource (
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    owner UUID,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX resource_by_kind ON resource (tenant_id, kind, id);
CREATE INDEX resource_by_owner ON resource (tenant_id, owner, kind, id);

CREATE TABLE unique_key (
    tenant_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    scope UUID NOT NULL,
    id UUID NOT NULL,
    PRIMARY KEY (tenant_id, kind, attribute, value, scope),
    FOREIGN KEY (tenant_id, id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX unique_key_by_id ON unique_key (tenant_id, id);

CREATE TABLE lookup_key (
    tenant_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    PRIMARY KEY (tenant_id, kind, attribute, value, id),
    FOREIGN KEY (tenant_id, id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX lookup_key_by_id ON lookup_key (tenant_id, id);

CREATE TABLE membership (
    tenant_id TEXT COLLATE "C" NOT NULL,
    owner_id UUID NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    member_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, owner_id, attribute, member_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, member_id) REFERENCES resource (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX membership_by_member ON membership (tenant_id, member_id, attribute, owner_id);

CREATE TABLE change (
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    actor UUID,
    owner UUID,
    change_set UUID,
    kind TEXT COLLATE "C" NOT NULL,
    resource UUID,
    version BIGINT NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    commitment BYTEA NOT NULL,
    sealed BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX change_unsealed ON change (tenant_id, id) WHERE sealed = 0;
CREATE INDEX change_by_resource ON change (tenant_id, resource, version);

CREATE TABLE change_body (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    before TEXT,
    after TEXT,
    request TEXT,
    salt BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES change (tenant_id, id)
);

CREATE TABLE seal (
    tenant_id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    change_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, sequence),
    UNIQUE (tenant_id, change_id),
    FOREIGN KEY (tenant_id, change_id) REFERENCES change (tenant_id, id)
);

CREATE TABLE lease (
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    name TEXT COLLATE "C" NOT NULL,
    holder UUID NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

CREATE TABLE job (
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    id UUID NOT NULL,
    queue TEXT COLLATE "C" NOT NULL,
    due BIGINT NOT NULL,
    lease BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX job_by_due ON job (tenant_id, queue, due);

CREATE TABLE token (
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT,
    last_used BIGINT,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE token_secret (
    tenant_id TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    token_id UUID NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, token_id) REFERENCES token (tenant_id, id)
);
CREATE INDEX token_secret_by_token ON token_secret (tenant_id, token_id);
