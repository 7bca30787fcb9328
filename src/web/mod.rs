//! FACE: French pages over the same actions as the API.
pub mod assets;
pub mod components;
pub mod format;
pub mod layout;
mod menu;
pub mod style;
