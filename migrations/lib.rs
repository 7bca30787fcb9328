//! The history of the schema, oldest first. A migration that has shipped is never edited.
pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

mod m20261121_000001_create_registers;
mod m20261121_000002_create_people;
mod m20261121_000003_create_rounds;
mod m20261121_000004_create_contracts;
mod m20261121_000005_create_invoices;
mod m20261122_000006_index_parents;
mod m20261122_000007_add_invoice_paid_on;
mod m20261122_000008_keep_demand;
mod m20261122_000009_keep_proofs;
mod m20261122_000010_create_rules;
mod m20261122_000011_create_corrections;
mod tables;

/// Every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_create_registers::Migration),
            Box::new(m20261121_000002_create_people::Migration),
            Box::new(m20261121_000003_create_rounds::Migration),
            Box::new(m20261121_000004_create_contracts::Migration),
            Box::new(m20261121_000005_create_invoices::Migration),
            Box::new(m20261122_000006_index_parents::Migration),
            Box::new(m20261122_000007_add_invoice_paid_on::Migration),
            Box::new(m20261122_000008_keep_demand::Migration),
            Box::new(m20261122_000009_keep_proofs::Migration),
            Box::new(m20261122_000010_create_rules::Migration),
            Box::new(m20261122_000011_create_corrections::Migration),
        ]
    }
}
