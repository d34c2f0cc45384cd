-- What was done under an Idempotency-Key. The resource may be gone by now, and whoever asks need not have
-- a token of ours.
CREATE TABLE idempotency (
    tenant_id TEXT COLLATE "C" NOT NULL,
    token_id UUID NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    created BIGINT NOT NULL,
    resource UUID NOT NULL,
    PRIMARY KEY (tenant_id, token_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (tenant_id, created);
