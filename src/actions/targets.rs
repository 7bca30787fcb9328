//! What a request wants to change, and whether its author may, when its body cannot be read.
//!
//! An action looks at the right before anything else, but it is only called with a body that
//! could be read. Who might not have sent a readable one learns no more than that.
use domain::{
    identity::{
        AgreementId, AttachmentId, ContractId, CorrectionId, GroupingId, InvoiceId, ItemId, KeyId,
        LotId, MembershipId, OrganisationId, ProcedureId, RecoveryOrderId, RoundId, RuleId,
        SupplierId, UserId,
    },
    permission::Right,
};

use super::{
    Actor, App, Error, attachments,
    organisations::{self, require_over},
    purchasing::{
        agreements, contracts, corrections, groupings, invoices, keys, memberships, needs,
        procedures, recovery, rounds, suppliers,
    },
    users,
};
use crate::store::purchasing as rows;

/// What a request wants to change (« objet »), by what its address names.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    Agreement(AgreementId),
    Attachment(AttachmentId),
    Contract(ContractId),
    Correction(CorrectionId),
    Declaration(RoundId, OrganisationId),
    Grouping(GroupingId),
    /// The keys and the rules of a grouping.
    GroupingKeys(GroupingId),
    /// The installation, which its operator runs.
    Installation,
    Invoice(InvoiceId),
    Item(ItemId),
    Key(KeyId),
    /// Leaving a grouping, which the member alone asks.
    Leaving(MembershipId),
    Lot(LotId),
    Membership(MembershipId),
    /// The needs of a round, of all members or of one.
    Needs(RoundId),
    /// A file on something that the body alone names.
    NewAttachment,
    /// Something new, whose owner the body alone names.
    New(Right),
    NewOrganisation,
    Organisation(OrganisationId),
    /// The users of an organisation.
    OrganisationUsers(OrganisationId),
    Procedure(ProcedureId),
    RecoveryOrder(RecoveryOrderId),
    Round(RoundId),
    Rule(RuleId),
    Supplier(SupplierId),
    User(UserId),
}

/// Refuses who may not change it, as the action would.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn check(app: &App, actor: &Actor, target: Target) -> Result<(), Error> {
    if actor.token_may_write == Some(false) {
        return Err(Error::Forbidden);
    }
    let view = app.store.view().await?;
    let view = &view;
    match target {
        Target::Agreement(id) => agreements::check_writer(view, actor, id).await,
        Target::Attachment(id) => attachments::check_writer(view, actor, id).await,
        Target::Contract(id) => contracts::check_runner(view, actor, id).await,
        Target::Correction(id) => corrections::check_splitter(view, actor, id).await,
        Target::Declaration(round, member) => needs::check_writer(view, actor, round, member).await,
        Target::Grouping(id) => groupings::check_runner(view, actor, id).await,
        Target::GroupingKeys(id) => keys::check_splitter(view, actor, id).await,
        Target::Installation => allowed(actor.operator),
        Target::Invoice(id) => invoices::check_splitter(view, actor, id).await,
        Target::Item(id) => {
            let round = rows::items::find(view, id).await?.round;
            rounds::check_runner(view, actor, round).await
        }
        Target::Key(id) => {
            let grouping = rows::keys::find(view, id).await?.grouping;
            keys::check_splitter(view, actor, grouping).await
        }
        Target::Leaving(id) => memberships::check_member(view, actor, id).await,
        Target::Lot(id) => {
            let round = rows::lots::find(view, id).await?.round;
            rounds::check_runner(view, actor, round).await
        }
        Target::Membership(id) => memberships::check_either(view, actor, id).await,
        Target::Needs(id) => needs::check_typist(view, actor, id).await,
        Target::New(right) => allowed(actor.organisations_with(right).next().is_some()),
        Target::NewAttachment => allowed(attachments::writes_some(actor)),
        Target::NewOrganisation => allowed(organisations::may_create(actor)),
        Target::Organisation(id) => require_over(view, actor, Right::EditOrganisation, id).await,
        Target::OrganisationUsers(_) if actor.operator => Ok(()),
        Target::OrganisationUsers(id) => require_over(view, actor, Right::ManageUsers, id).await,
        Target::Procedure(id) => procedures::check_runner(view, actor, id).await,
        Target::RecoveryOrder(id) => recovery::check_splitter(view, actor, id).await,
        Target::Round(id) => rounds::check_runner(view, actor, id).await,
        Target::Rule(id) => {
            let grouping = rows::rules::find(view, id).await?.grouping;
            keys::check_splitter(view, actor, grouping).await
        }
        Target::Supplier(id) => suppliers::check_buyer(view, actor, id).await,
        Target::User(id) => users::check_held(view, actor, id).await,
    }
}

fn allowed(may: bool) -> Result<(), Error> {
    if may { Ok(()) } else { Err(Error::Forbidden) }
}
