-- What was done under an Idempotency-Key. The resource may be gone by now, and whoever asks need not have
-- a token of ours.
CREATE TABLE idempotency (
    tenant_id TEXT NOT NULL,
    token_id BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    created INTEGER NOT NULL,
    resource BLOB NOT NULL,
    PRIMARY KEY (tenant_id, token_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (tenant_id, created);
