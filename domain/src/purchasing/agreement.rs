//! Agreements (« convention constitutive »): dated versions of what the members agreed.
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::grouping::Grouping;
use crate::identity::{AgreementId, GroupingId, OrganisationId};

/// The longest object of an agreement.
pub const OBJECT_CHARS_MAX: usize = 2_000;
/// The longest rule, fee or reference in words.
pub const WORDS_CHARS_MAX: usize = 4_000;

/// On what amount members are asked (« sort de la TVA »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VatPolicy {
    /// Each member bears its share with tax; the usual case.
    Gross,
    /// The coordinator recovers the tax and asks for the net amount.
    Net,
}

/// What an agreement says (« clauses »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clauses {
    pub object: String,
    pub starts_on: NaiveDate,
    /// Absent: without a term.
    pub ends_on: Option<NaiveDate>,
    /// The day the coordinator signed it.
    pub signed_on: Option<NaiveDate>,
    /// The coordinator's own act: number and date.
    pub deliberation: Option<String>,
    /// How costs are split, in words.
    pub rule_text: Option<String>,
    pub vat_policy: VatPolicy,
    /// What the coordinator asks for its work, in words.
    pub fee_text: Option<String>,
}

/// One version of an agreement (« convention constitutive »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupingAgreement {
    pub id: AgreementId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    /// 1, then one more at each amendment (« avenant »).
    pub number: i32,
    pub clauses: Clauses,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What is refused about an agreement (« convention refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgreementError {
    #[error("the agreement ends on {ends_on}, before it starts on {starts_on}")]
    EndsBeforeStart {
        starts_on: NaiveDate,
        ends_on: NaiveDate,
    },
    #[error("an EPCI acts free of charge for its communes under L5211-4-4")]
    FeeNotAllowed,
    #[error("version {number} is signed and no longer changes")]
    Signed { number: i32 },
    #[error("version {number} is not signed yet")]
    PreviousUnsigned { number: i32 },
}

impl Clauses {
    /// Refuses a term before the start, and a fee where the law wants none.
    ///
    /// | basis     | start → end         | fee    |                    |
    /// |-----------|---------------------|--------|--------------------|
    /// | L2113-6   | 2026-01-01 → none   | 0.4 %  | accepted           |
    /// | L2113-6   | 2026-01-01 → 2025-… | none   | ends before start  |
    /// | L5211-4-4 | 2026-01-01 → none   | none   | accepted           |
    /// | L5211-4-4 | 2026-01-01 → none   | 0.4 %  | no fee allowed     |
    ///
    /// # Errors
    /// [`AgreementError::EndsBeforeStart`] or [`AgreementError::FeeNotAllowed`].
    pub fn check(&self, grouping: &Grouping) -> Result<(), AgreementError> {
        if let Some(ends_on) = self.ends_on.filter(|end| *end < self.starts_on) {
            let starts_on = self.starts_on;
            return Err(AgreementError::EndsBeforeStart { starts_on, ends_on });
        }
        if self.fee_text.is_some() && grouping.is_free_of_charge() {
            return Err(AgreementError::FeeNotAllowed);
        }
        Ok(())
    }
}

impl GroupingAgreement {
    /// Refuses to change what was signed: a new version is made instead.
    ///
    /// # Errors
    /// [`AgreementError::Signed`].
    pub fn check_open(&self) -> Result<(), AgreementError> {
        match self.clauses.signed_on {
            Some(_) => Err(AgreementError::Signed {
                number: self.number,
            }),
            None => Ok(()),
        }
    }

    /// The number of the next version, once the last one is signed.
    ///
    /// # Errors
    /// [`AgreementError::PreviousUnsigned`].
    pub fn next_number(last: Option<&Self>) -> Result<i32, AgreementError> {
        match last {
            None => Ok(1),
            Some(last) if last.clauses.signed_on.is_some() => Ok(last.number.saturating_add(1)),
            Some(last) => Err(AgreementError::PreviousUnsigned {
                number: last.number,
            }),
        }
    }
}

impl VatPolicy {
    pub const ALL: [Self; 2] = [Self::Gross, Self::Net];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Gross => "gross",
            Self::Net => "net",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.code() == code)
    }
}

impl AgreementError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::EndsBeforeStart { .. } => "agreement.ends-before-start",
            Self::FeeNotAllowed => "agreement.fee-not-allowed",
            Self::Signed { .. } => "agreement.signed",
            Self::PreviousUnsigned { .. } => "agreement.previous-unsigned",
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::purchasing::grouping::{GroupingKind, GroupingState, LegalBasis, Regime};

    fn grouping(legal_basis: LegalBasis) -> Grouping {
        Grouping {
            id: GroupingId(Uuid::nil()),
            owner: OrganisationId(Uuid::nil()),
            title: "Extincteurs".into(),
            kind: GroupingKind::OneOff,
            family: "Sécurité incendie".into(),
            legal_basis,
            regime: Regime::CoordinatorPays,
            state: GroupingState::Active,
            created_at: DateTime::UNIX_EPOCH,
            version: 0,
        }
    }

    fn clauses(ends_on: Option<NaiveDate>, fee: Option<&str>) -> Clauses {
        Clauses {
            object: "Vérification des extincteurs".into(),
            starts_on: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            ends_on,
            signed_on: None,
            deliberation: None,
            rule_text: None,
            vat_policy: VatPolicy::Gross,
            fee_text: fee.map(str::to_owned),
        }
    }

    #[test]
    fn an_agreement_keeps_time_and_law() {
        let statutes_reference = "article 7".to_owned();
        let epci = grouping(LegalBasis::EpciForItsCommunes { statutes_reference });
        let any = grouping(LegalBasis::Grouping);
        let before = NaiveDate::from_ymd_opt(2025, 12, 31);
        assert_eq!(clauses(None, Some("0,40 %")).check(&any), Ok(()));
        assert_eq!(clauses(None, None).check(&epci), Ok(()));
        assert_eq!(
            clauses(None, Some("0,40 %")).check(&epci),
            Err(AgreementError::FeeNotAllowed)
        );
        assert!(matches!(
            clauses(before, None).check(&any),
            Err(AgreementError::EndsBeforeStart { .. })
        ));
    }

    #[test]
    fn a_signed_version_is_amended_and_never_changed() {
        let mut first = GroupingAgreement {
            id: AgreementId(Uuid::nil()),
            owner: OrganisationId(Uuid::nil()),
            grouping: GroupingId(Uuid::nil()),
            number: 1,
            clauses: clauses(None, None),
            created_at: DateTime::UNIX_EPOCH,
            version: 0,
        };
        assert_eq!(GroupingAgreement::next_number(None), Ok(1));
        assert_eq!(first.check_open(), Ok(()));
        let unsigned = Err(AgreementError::PreviousUnsigned { number: 1 });
        assert_eq!(GroupingAgreement::next_number(Some(&first)), unsigned);
        first.clauses.signed_on = NaiveDate::from_ymd_opt(2026, 1, 15);
        assert_eq!(
            first.check_open(),
            Err(AgreementError::Signed { number: 1 })
        );
        assert_eq!(GroupingAgreement::next_number(Some(&first)), Ok(2));
    }
}
