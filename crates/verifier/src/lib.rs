//! Evidence pack and policy in, verdict out.
