//! Keys that programs carry (« jeton d’accès »): personal, scoped, revocable.
use chrono::{DateTime, Utc};

use crate::identity::{TokenId, UserId};

/// What a token may do (« portée »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenScope {
    /// Reads what its user may read.
    Read,
    /// Does what its user may do.
    Write,
}

impl TokenScope {
    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Read, Self::Write]
            .into_iter()
            .find(|scope| scope.code() == code)
    }
}

/// A user's key for the API (« jeton d’accès »); its secret is shown once and never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub user: UserId,
    pub name: String,
    pub scope: TokenScope,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl Token {
    /// Whether it opens anything at this instant.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_dies_at_its_end_or_when_revoked() {
        let now: DateTime<Utc> = "2026-09-01T08:00:00Z".parse().unwrap();
        let token = |expires_at, revoked_at| Token {
            id: TokenId(uuid::Uuid::nil()),
            user: UserId(uuid::Uuid::nil()),
            name: String::new(),
            scope: TokenScope::Read,
            created_at: now,
            expires_at,
            revoked_at,
            version: 0,
        };
        assert!(token(None, None).is_live(now));
        assert!(!token(Some(now), None).is_live(now));
        assert!(!token(None, Some(now)).is_live(now));
    }
}
