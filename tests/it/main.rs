//! What wxbot promises, one module for each thing a person can notice.

mod messages; // every kind and every event is read, and nothing of it is lost

// The chain in the operator's order, and the guard around each link.
mod chain;

// Who depends on whom, what is linked, what is not named.
mod repository;
