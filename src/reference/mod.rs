//! The communes and EPCI of France, embedded.
