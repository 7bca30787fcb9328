//! The two sides of a document.

/// Who sends a statement, or who receives it.
#[derive(Clone, Debug)]
pub struct Party {
    /// « Commune d’Anstaing ».
    pub name: String,
    /// Service, budget, address: one line each.
    pub lines: Vec<String>,
    /// As printed, in groups; empty when it has none.
    pub siret: String,
}
