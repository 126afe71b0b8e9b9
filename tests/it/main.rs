//! What wxbot promises, one module for each thing a person can notice.
