-- Signatures under the chain of `seal`: that a number had this hash at this time. The key is not in the database.
CREATE TABLE checkpoint (
    tenant_id TEXT NOT NULL REFERENCES tenant (id),
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    key_id BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
) STRICT, WITHOUT ROWID;
