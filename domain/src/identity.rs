//! Names that never change: our own typed ids, and the numbers the State gives.

mod contact;
mod register;

use uuid::Uuid;

pub use contact::{Email, EmailError, Phone, PhoneError};
pub use register::{InseeCode, InseeError, Siren, SirenError, Siret, SiretError};

/// Gives each noun its own id, so that two of them cannot be exchanged by mistake.
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

typed_ids! {
    /// Identifies an organisation (« collectivité, organisme »).
    OrganisationId;
    /// Identifies a user (« utilisateur »).
    UserId;
    /// Identifies a budget (« budget »), the one who pays.
    BudgetId;
    /// Identifies a site (« site »): a building, a meter, a vehicle.
    SiteId;
    /// Identifies a contact (« contact »).
    ContactId;
    /// Identifies a grouping (« groupement de commandes »).
    GroupingId;
    /// Identifies one version of an agreement (« convention constitutive »).
    AgreementId;
    /// Identifies a membership (« adhésion »).
    MembershipId;
    /// Identifies a round (« campagne de recensement »).
    RoundId;
    /// Identifies a lot (« lot »).
    LotId;
    /// Identifies an item (« article »).
    ItemId;
    /// Identifies a member's answer to a round (« déclaration »).
    DeclarationId;
    /// Identifies a need (« besoin »).
    NeedId;
    /// Identifies a procedure (« consultation »).
    ProcedureId;
    /// Identifies a supplier (« fournisseur »).
    SupplierId;
    /// Identifies a contract (« marché »).
    ContractId;
    /// Identifies an award (« attribution »).
    AwardId;
    /// Identifies an invoice (« facture »).
    InvoiceId;
    /// Identifies a line of an invoice (« ligne de facture »).
    InvoiceLineId;
    /// Identifies an allocation key (« clé »).
    KeyId;
    /// Identifies a version of a sharing rule (« règle de répartition »).
    RuleId;
    /// Identifies one run of an allocation (« répartition »).
    AllocationId;
    /// Identifies a statement (« état liquidatif »).
    StatementId;
    /// Identifies a recovery order (« demande de titre »).
    RecoveryOrderId;
    /// Identifies a correction of what was asked (« régularisation »).
    CorrectionId;
    /// Identifies a stored file (« fichier »).
    FileId;
    /// Identifies an attachment (« pièce jointe »).
    AttachmentId;
    /// Identifies a job (« tâche »).
    JobId;
    /// Identifies an access token (« jeton »).
    TokenId;
}
