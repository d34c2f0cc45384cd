-- What a secret is for; NULL for the secrets of a connection itself.
ALTER TABLE token_secret ADD COLUMN purpose TEXT;

-- The User that a token stands for; NULL for tokens of programs.
ALTER TABLE token ADD COLUMN person BLOB;

-- Whose JWTs a connection takes for its own: either where the issuer shows its keys, or the keys.
CREATE TABLE trust (
    tenant_id TEXT NOT NULL,
    token_id BLOB NOT NULL,
    issuer TEXT NOT NULL,
    audience TEXT NOT NULL,
    subject TEXT NOT NULL,
    claims TEXT NOT NULL,
    jwks_url TEXT,
    jwks TEXT,
    created INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, token_id),
    FOREIGN KEY (tenant_id, token_id) REFERENCES token (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX trust_by_issuer ON trust (tenant_id, issuer);
