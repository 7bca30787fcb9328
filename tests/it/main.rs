//! One binary for every integration test: it links once.
mod accessibility;
mod browser;
