-- What a secret is for; NULL for the secrets of a connection itself.
ALTER TABLE token_secret ADD COLUMN purpose TEXT COLLATE "C";

-- The User that a token stands for; NULL for tokens of programs.
ALTER TABLE token ADD COLUMN person UUID;

-- Whose JWTs a connection takes for its own: either where the issuer shows its keys, or the keys.
CREATE TABLE trust (
    tenant_id TEXT COLLATE "C" NOT NULL,
    token_id UUID NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    claims TEXT COLLATE "C" NOT NULL,
    jwks_url TEXT COLLATE "C",
    jwks TEXT COLLATE "C",
    created BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, token_id),
    FOREIGN KEY (tenant_id, token_id) REFERENCES token (tenant_id, id)
);
CREATE INDEX trust_by_issuer ON trust (tenant_id, issuer);
