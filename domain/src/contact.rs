//! People to write to or call (« contact »), with or without an account.
use crate::{
    identity::{ContactId, Email, OrganisationId, Phone},
    text,
};

/// Someone to write to or call in an organisation (« contact »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub id: ContactId,
    pub owner: OrganisationId,
    pub name: String,
    /// What they are there, in their own words: « secrétaire de mairie ».
    pub role: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub active: bool,
    pub version: i32,
}

impl Contact {
    /// How lists are sorted.
    #[must_use]
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.name)
    }
}
