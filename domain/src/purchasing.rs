//! Grouped purchases, from the round to the recovery of what each member owes.
pub mod agreement;
pub mod award;
pub mod contract;
pub mod declaration;
pub mod demand;
pub mod grouping;
pub mod lot;
pub mod membership;
pub mod need;
pub mod procedure;
pub mod round;
pub mod supplier;
pub mod thresholds;
