//! Parses the command line and calls the operator's face; nothing else.
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    encommun::cli::run().await
}
