//! One binary for every integration test: it links once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail"
)]
mod accessibility;
mod allocate;
mod allocations;
mod architecture;
mod attachments;
mod attachments_of_members;
mod audit;
mod browser;
mod comfort;
mod commands;
mod contracts;
mod corrections;
mod deliveries;
mod desk;
mod desk_figures;
mod doors;
mod every_page;
mod files_out;
mod groupings;
mod history;
mod houses;
mod imports;
mod imports_later;
mod init;
mod invoices;
mod invoices_look;
mod jobs;
mod keys;
mod kills;
mod lists;
mod lists_filters;
mod needs;
mod needs_look;
mod needs_sites;
mod notices;
mod openapi;
mod organisations;
mod payers;
mod payments;
mod people_files;
mod procedures;
mod processes;
mod promises;
mod proofs;
mod races;
mod races_needs;
mod readings;
mod recovery;
mod reopened;
mod resume;
mod rights;
mod rounds;
mod rounds_api;
mod rounds_life;
mod rounds_look;
mod sharing_rules;
mod sign_in;
mod site_imports;
mod statement_changes;
mod suppliers;
mod support;
mod tokens;
mod users;
mod verify;
mod year_end;
mod zones;
