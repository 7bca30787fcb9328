//! Those who sign in (« utilisateur »).
use chrono::{DateTime, Utc};

use crate::{
    identity::{Email, Phone, UserId},
    text,
};

/// Whether a user may sign in (« état du compte »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserState {
    /// Has a link but no password yet.
    Invited,
    Active,
    /// May not sign in any more; what they did stays under their name.
    Disabled,
}

impl UserState {
    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Disabled]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

/// Someone who signs in (« utilisateur »), for one organisation or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub name: String,
    pub phone: Option<Phone>,
    pub state: UserState,
    /// Runs the installation (« exploitant »).
    pub operator: bool,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl User {
    /// How lists are sorted.
    #[must_use]
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.name)
    }

    /// Everything by which they may be looked for.
    #[must_use]
    pub fn search_text(&self) -> String {
        text::search_text(&format!("{} {}", self.name, self.email.as_str()))
    }
}

/// Why a link was made (« lien de connexion »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    Invitation,
    PasswordReset,
    SignIn,
}

impl LinkKind {
    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::SignIn => "sign_in",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Invitation, Self::PasswordReset, Self::SignIn]
            .into_iter()
            .find(|k| k.code() == code)
    }
}

/// What is refused about users and their sign-in (« utilisateur refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// One sentence for a wrong address, a wrong password and a disabled account alike.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    #[error("the present password is another")]
    WrongPassword,
    #[error("too many failures, wait {minutes} minutes")]
    TooManyFailures { minutes: i64 },
    #[error("the link was used, has expired or does not exist")]
    LinkUnusable,
    #[error("a password has at least {min} characters, this has {typed}")]
    PasswordTooShort { min: usize, typed: usize },
    #[error("the password contains the address or the name")]
    PasswordGuessable,
    #[error("a user already has the address {email}")]
    EmailTaken { email: String },
    #[error("the organisation would be left without administrator")]
    LastAdministrator,
    #[error("the account {email} was disabled")]
    Disabled { email: String },
}

impl UserError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "user.wrong-credentials",
            Self::WrongPassword => "user.wrong-password",
            Self::TooManyFailures { .. } => "user.too-many-failures",
            Self::LinkUnusable => "user.link-unusable",
            Self::PasswordTooShort { .. } => "user.password-too-short",
            Self::PasswordGuessable => "user.password-guessable",
            Self::EmailTaken { .. } => "user.email-taken",
            Self::LastAdministrator => "user.last-administrator",
            Self::Disabled { .. } => "user.disabled",
        }
    }
}

/// Refuses to take the role of the last administrator; `others` are those who would stay.
///
/// # Errors
/// [`UserError::LastAdministrator`].
pub fn check_administrator_left(others: usize) -> Result<(), UserError> {
    if others == 0 {
        return Err(UserError::LastAdministrator);
    }
    Ok(())
}

/// Accepts a password long enough that does not repeat who the user is.
///
/// # Errors
/// [`UserError::PasswordTooShort`] or [`UserError::PasswordGuessable`].
pub fn check_password(password: &str, user: &User, min: usize) -> Result<(), UserError> {
    let typed = password.chars().count();
    if typed < min {
        return Err(UserError::PasswordTooShort { min, typed });
    }
    let folded = text::search_text(password);
    let own = [
        text::search_text(&user.name),
        text::search_text(user.email.as_str()),
    ];
    if own
        .iter()
        .any(|known| known.chars().count() >= 4 && folded.contains(known.as_str()))
    {
        return Err(UserError::PasswordGuessable);
    }
    Ok(())
}
