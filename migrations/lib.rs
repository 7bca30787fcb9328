//! The history of the schema, oldest first. A migration that has shipped is never edited.
