//! ACTES and described files: bytes to Flow.
