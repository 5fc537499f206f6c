//! RFC 3161 tokens, X.509 chains, RFC 4998 evidence records.
