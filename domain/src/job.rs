//! Long work done in the background (« tâche »), with its progress and its result.
use chrono::{DateTime, Utc};

use crate::identity::{FileId, JobId, OrganisationId, UserId};

/// What a job does (« nature de la tâche »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobKind {
    /// Checks the chains, the rows and the books of the whole installation.
    Audit,
    /// Reads a file of needs into a round, or tries to.
    ImportNeeds,
}

impl JobKind {
    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::ImportNeeds => "import_needs",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Audit, Self::ImportNeeds];
        all.into_iter().find(|kind| kind.code() == code)
    }
}

/// Where a job is (« état de la tâche »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobState {
    Waiting,
    /// Leased to a process; another takes over when the lease ends.
    Running,
    Done,
    /// Given up after too many attempts, or refused.
    Failed,
}

impl JobState {
    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more will happen (« terminée »).
    #[must_use]
    pub fn is_over(self) -> bool {
        match self {
            Self::Waiting | Self::Running => false,
            Self::Done | Self::Failed => true,
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Running, Self::Done, Self::Failed];
        all.into_iter().find(|state| state.code() == code)
    }
}

/// A piece of long work (« tâche »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub owner: OrganisationId,
    pub asked_by: UserId,
    pub kind: JobKind,
    /// The file it reads, if it reads one.
    pub input: Option<FileId>,
    /// JSON text: what was asked, in the terms of its kind.
    pub params: String,
    pub state: JobState,
    pub done: i64,
    /// Zero until it is known.
    pub total: i64,
    pub attempts: i32,
    /// JSON text, once done or failed.
    pub result: Option<String>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}
