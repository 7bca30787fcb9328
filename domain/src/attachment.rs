//! Attachments (« pièce jointe »): what may be kept beside an object, and what is kept of a file.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    identity::{AttachmentId, FileId, OrganisationId, UserId},
    text,
};

mod media;

pub use media::{MediaType, without_metadata};

/// The longest label of an attachment.
pub const LABEL_CHARS_MAX: usize = 200;
/// The longest name of a file.
pub const NAME_CHARS_MAX: usize = 150;

/// What an attachment is attached to (« objet »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    Grouping,
    Agreement,
    Membership,
    Round,
    /// What a member answers to a round: the mail behind figures entered for it.
    Declaration,
    Procedure,
    Award,
    Contract,
    Supplier,
    Invoice,
    Allocation,
    Statement,
    RecoveryOrder,
}

/// One object that may bear attachments (« objet »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: Uuid,
}

/// What a document is (« nature de la pièce »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    Deliberation,
    SignedAgreement,
    Invoice,
    Annex,
    /// The document that justifies a share (« état liquidatif »).
    Statement,
    /// The mail that asked to enter figures for a member.
    Mail,
    Other,
}

/// A file as stored (« fichier »); its bytes are elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub id: FileId,
    pub owner: OrganisationId,
    /// In hexadecimal.
    pub sha256: String,
    pub media_type: MediaType,
    pub size_bytes: i64,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<UserId>,
}

/// A file on an object, with the rights of that object (« pièce jointe »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    pub owner: OrganisationId,
    pub subject: Subject,
    pub file: FileId,
    pub kind: AttachmentKind,
    pub label: String,
    pub added_at: DateTime<Utc>,
    pub added_by: Option<UserId>,
    /// Removed from sight; nothing is erased, so that it may come back.
    pub removed_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// What is refused about an attachment (« pièce refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    #[error("the file is empty")]
    Empty,
    #[error("the file has {size_bytes} bytes, more than {size_bytes_max}")]
    TooLarge {
        size_bytes: usize,
        size_bytes_max: usize,
    },
    #[error("the file is of no known kind of document")]
    UnknownFormat { name: String },
    #[error("the attachment was removed already")]
    AlreadyRemoved,
    #[error("the attachment was not removed")]
    NotRemoved,
}

impl Attachment {
    /// Takes the attachment out of sight.
    ///
    /// # Errors
    /// [`AttachmentError::AlreadyRemoved`].
    pub fn remove(&mut self, now: DateTime<Utc>) -> Result<(), AttachmentError> {
        if self.removed_at.is_some() {
            return Err(AttachmentError::AlreadyRemoved);
        }
        self.removed_at = Some(now);
        Ok(())
    }

    /// Brings the attachment back.
    ///
    /// # Errors
    /// [`AttachmentError::NotRemoved`].
    pub fn restore(&mut self) -> Result<(), AttachmentError> {
        match self.removed_at.take() {
            Some(_) => Ok(()),
            None => Err(AttachmentError::NotRemoved),
        }
    }
}

/// Accepts a file by what its bytes say, never by its name.
///
/// # Errors
/// [`AttachmentError::Empty`], [`AttachmentError::TooLarge`] or [`AttachmentError::UnknownFormat`].
pub fn check_file(
    name: &str,
    bytes: &[u8],
    size_bytes_max: usize,
) -> Result<MediaType, AttachmentError> {
    if bytes.is_empty() {
        return Err(AttachmentError::Empty);
    }
    if bytes.len() > size_bytes_max {
        return Err(AttachmentError::TooLarge {
            size_bytes: bytes.len(),
            size_bytes_max,
        });
    }
    MediaType::of(bytes).ok_or_else(|| AttachmentError::UnknownFormat {
        name: name.to_owned(),
    })
}

/// A file name without folders nor characters that mislead; « fichier » when nothing is left.
///
/// | sent                     | kept           |
/// |--------------------------|----------------|
/// | `C:\\Users\\a\\délib.pdf` | `délib.pdf`    |
/// | `../../etc/passwd`       | `passwd`       |
/// | `a⏎b.pdf`                | `ab.pdf`       |
/// | ``                       | `fichier`      |
#[must_use]
pub fn file_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or("");
    let visible: String = last
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '<' | '>' | '|' | '*' | '?'))
        .take(NAME_CHARS_MAX)
        .collect();
    text::clean(visible.trim_start_matches('.'), NAME_CHARS_MAX)
        .unwrap_or_else(|_| "fichier".to_owned())
}

impl SubjectKind {
    pub const ALL: [Self; 13] = [
        Self::Grouping,
        Self::Agreement,
        Self::Membership,
        Self::Round,
        Self::Declaration,
        Self::Procedure,
        Self::Award,
        Self::Contract,
        Self::Supplier,
        Self::Invoice,
        Self::Allocation,
        Self::Statement,
        Self::RecoveryOrder,
    ];

    /// The name in the database, the journal and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Grouping => "grouping",
            Self::Agreement => "agreement",
            Self::Membership => "membership",
            Self::Round => "round",
            Self::Declaration => "declaration",
            Self::Procedure => "procedure",
            Self::Award => "award",
            Self::Contract => "contract",
            Self::Supplier => "supplier",
            Self::Invoice => "invoice",
            Self::Allocation => "allocation",
            Self::Statement => "statement",
            Self::RecoveryOrder => "recovery_order",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl AttachmentKind {
    pub const ALL: [Self; 7] = [
        Self::Deliberation,
        Self::SignedAgreement,
        Self::Invoice,
        Self::Annex,
        Self::Statement,
        Self::Mail,
        Self::Other,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Deliberation => "deliberation",
            Self::SignedAgreement => "signed_agreement",
            Self::Invoice => "invoice",
            Self::Annex => "annex",
            Self::Statement => "statement",
            Self::Mail => "mail",
            Self::Other => "other",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl AttachmentError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "attachment.empty",
            Self::TooLarge { .. } => "attachment.too-large",
            Self::UnknownFormat { .. } => "attachment.unknown-format",
            Self::AlreadyRemoved => "attachment.already-removed",
            Self::NotRemoved => "attachment.not-removed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_loses_its_folders_and_its_traps() {
        assert_eq!(file_name("C:\\Users\\a\\délib.pdf"), "délib.pdf");
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("a\nb.pdf"), "ab.pdf");
        assert_eq!(file_name(".htaccess"), "htaccess");
        assert_eq!(file_name(""), "fichier");
        assert_eq!(file_name(".."), "fichier");
    }

    #[test]
    fn an_empty_a_large_and_an_unknown_file_are_refused() {
        assert_eq!(check_file("a", b"", 10), Err(AttachmentError::Empty));
        let large = check_file("a", b"%PDF-1.7 ...", 5);
        assert!(matches!(large, Err(AttachmentError::TooLarge { .. })));
        let program = check_file("delib.pdf", b"MZ\x90\0\x03", 10);
        assert!(matches!(
            program,
            Err(AttachmentError::UnknownFormat { .. })
        ));
        assert_eq!(check_file("a.exe", b"%PDF-1.7", 10), Ok(MediaType::Pdf));
    }

    #[test]
    fn codes_read_back() {
        for kind in SubjectKind::ALL {
            assert_eq!(SubjectKind::from_code(kind.code()), Some(kind));
        }
        for kind in AttachmentKind::ALL {
            assert_eq!(AttachmentKind::from_code(kind.code()), Some(kind));
        }
    }
}
