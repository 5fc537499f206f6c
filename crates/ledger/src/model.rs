//! An in-memory storage that can crash, for tests.
