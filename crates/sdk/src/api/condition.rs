//! How the calls of an account go, for metrics.

/// What a client of WeChat's API knows about its calls without making one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApiCondition {
    /// WeChat's API does not answer, so calls fail at once.
    pub circuit_open: bool,
    /// Calls that are made now.
    pub calling: usize,
    /// Calls that wait until they may be made.
    pub waiting: usize,
    /// Calls that were not made so far, as too many waited or they waited too long.
    pub overloaded: u64,
    /// Calls that were not made so far, as the circuit was open.
    pub cut: u64,
}
