//! The rules of the game: values in, values out. No clock, no database, no network.
pub mod allocation;
pub mod attachment;
pub mod budget;
pub mod calendar;
pub mod contact;
pub mod field;
pub mod french;
pub mod identity;
pub mod job;
pub mod money;
pub mod notice;
pub mod number;
pub mod organisation;
pub mod permission;
pub mod purchasing;
pub mod quantity;
pub mod site;
pub mod text;
mod text_form;
pub mod token;
pub mod user;

/// Everything the domain can refuse (« refus »), one variant per noun.
///
/// Faces match it exhaustively: a new variant stops the build in `wording.rs`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Agreement(#[from] purchasing::agreement::AgreementError),
    #[error(transparent)]
    Allocation(#[from] allocation::AllocationError),
    #[error(transparent)]
    Attachment(#[from] attachment::AttachmentError),
    #[error(transparent)]
    Award(#[from] purchasing::award::AwardError),
    #[error(transparent)]
    Budget(#[from] budget::BudgetError),
    #[error(transparent)]
    Contract(#[from] purchasing::contract::ContractError),
    #[error(transparent)]
    Correction(#[from] purchasing::correction::CorrectionError),
    #[error(transparent)]
    Declaration(#[from] purchasing::declaration::DeclarationError),
    #[error(transparent)]
    Grouping(#[from] purchasing::grouping::GroupingError),
    #[error(transparent)]
    Invoice(#[from] purchasing::invoice::InvoiceError),
    #[error(transparent)]
    Key(#[from] purchasing::key::KeyError),
    #[error(transparent)]
    Membership(#[from] purchasing::membership::MembershipError),
    #[error(transparent)]
    Money(#[from] money::MoneyError),
    #[error(transparent)]
    Need(#[from] purchasing::need::NeedError),
    #[error(transparent)]
    Organisation(#[from] organisation::OrganisationError),
    #[error(transparent)]
    Payment(#[from] purchasing::payment::PaymentError),
    #[error(transparent)]
    Procedure(#[from] purchasing::procedure::ProcedureError),
    #[error(transparent)]
    Quantity(#[from] quantity::QuantityError),
    #[error(transparent)]
    Recovery(#[from] purchasing::recovery::RecoveryError),
    #[error(transparent)]
    Round(#[from] purchasing::round::RoundError),
    #[error(transparent)]
    SharingRule(#[from] purchasing::rule::SharingRuleError),
    #[error(transparent)]
    Site(#[from] site::SiteError),
    #[error(transparent)]
    Supplier(#[from] purchasing::supplier::SupplierError),
    #[error(transparent)]
    User(#[from] user::UserError),
}

impl Refusal {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Agreement(e) => e.code(),
            Self::Allocation(e) => e.code(),
            Self::Attachment(e) => e.code(),
            Self::Award(e) => e.code(),
            Self::Budget(e) => e.code(),
            Self::Contract(e) => e.code(),
            Self::Correction(e) => e.code(),
            Self::Declaration(e) => e.code(),
            Self::Grouping(e) => e.code(),
            Self::Invoice(e) => e.code(),
            Self::Key(e) => e.code(),
            Self::Membership(e) => e.code(),
            Self::Money(e) => e.code(),
            Self::Need(e) => e.code(),
            Self::Organisation(e) => e.code(),
            Self::Payment(e) => e.code(),
            Self::Procedure(e) => e.code(),
            Self::Quantity(e) => e.code(),
            Self::Recovery(e) => e.code(),
            Self::Round(e) => e.code(),
            Self::SharingRule(e) => e.code(),
            Self::Site(e) => e.code(),
            Self::Supplier(e) => e.code(),
            Self::User(e) => e.code(),
        }
    }
}
