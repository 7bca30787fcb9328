//! Grouped purchases: what people can do, one file per noun.
pub mod items;
pub mod lots;
pub mod overviews;
pub mod rounds;
