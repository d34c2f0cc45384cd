-- Signatures under the chain of `seal`: that a number had this hash at this time. The key is not in the database.
CREATE TABLE checkpoint (
    tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenant (id),
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    at BIGINT NOT NULL,
    key_id BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
);
