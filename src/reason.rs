//! Reason codes: to be built.
