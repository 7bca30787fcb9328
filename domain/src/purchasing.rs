//! Grouped purchases, from the round to the recovery of what each member owes.
pub mod lot;
pub mod round;
pub mod agreement;
pub mod grouping;
pub mod membership;
pub mod thresholds;
