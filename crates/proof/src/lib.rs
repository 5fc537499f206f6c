//! What is hashed, how it is proved.
