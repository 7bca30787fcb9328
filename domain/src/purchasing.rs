//! Grouped purchases, from the round to the recovery of what each member owes.
pub mod thresholds;
