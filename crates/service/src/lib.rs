//! Axum, auth, jobs, configuration.
