//! The kinds of work that wait for people.

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A member has typed nothing for an open round.
    Declare,
    /// Something is typed, and not transmitted.
    Transmit,
    /// The conditions changed since the answer.
    Confirm,
    /// A closed round was opened again for this member alone.
    Correct,
    /// `many` members among all have not answered the coordinator's open round.
    Follow,
    /// `many` answers must be confirmed by their members.
    Reconfirm,
    /// The deadline of an open round has passed.
    Close,
    /// A closed round has no procedure.
    Prepare,
    /// `many` members of a grouping have not decided, transmitted or signed.
    Gather,
    /// A member, in `name`, asks to leave a grouping.
    Answer,
    /// The member has not decided to join.
    JoinDecide,
    /// Its decision was not sent to the préfecture.
    JoinTransmit,
    /// It has not signed the agreement.
    JoinSign,
    /// A procedure is not launched; `many` members do not bind themselves yet.
    Launch,
    /// `many` lots of a launched procedure have no outcome.
    Decide,
    /// `many` awards of a procedure have no contract.
    Contract,
    /// A contract, its number in `name`, ends soon or should have ended.
    Renew,
    /// An invoice of the supplier in `name` is not split.
    Split,
    /// An invoice of the supplier in `name` is split and not paid.
    Pay,
    /// `many` recovery orders are to issue.
    Issue,
    /// `many` corrections wait for their piece: too much was asked, or revenue is to be paid.
    GiveBack,
    /// A statement came, of the grouping in `name`.
    ReadStatement,
    /// A titre was issued, in the grouping in `name`.
    ReadTitre,
    /// `many` users were invited and never signed in.
    Welcome,
    /// The organisation has no address.
    Reach,
}

impl Kind {
    pub const ALL: [Self; 25] = [
        Self::Declare,
        Self::Transmit,
        Self::Confirm,
        Self::Correct,
        Self::Follow,
        Self::Reconfirm,
        Self::Close,
        Self::Prepare,
        Self::Gather,
        Self::Answer,
        Self::JoinDecide,
        Self::JoinTransmit,
        Self::JoinSign,
        Self::Launch,
        Self::Decide,
        Self::Contract,
        Self::Renew,
        Self::Split,
        Self::Pay,
        Self::Issue,
        Self::GiveBack,
        Self::ReadStatement,
        Self::ReadTitre,
        Self::Welcome,
        Self::Reach,
    ];

    /// The name in the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Declare => "needs.declare",
            Self::Transmit => "needs.transmit",
            Self::Confirm => "needs.confirm",
            Self::Correct => "needs.correct",
            Self::Follow => "round.follow",
            Self::Reconfirm => "round.reconfirm",
            Self::Close => "round.close",
            Self::Prepare => "procedure.prepare",
            Self::Gather => "membership.gather",
            Self::Answer => "membership.answer",
            Self::JoinDecide => "membership.decide",
            Self::JoinTransmit => "membership.transmit",
            Self::JoinSign => "membership.sign",
            Self::Launch => "procedure.launch",
            Self::Decide => "procedure.decide",
            Self::Contract => "contract.record",
            Self::Renew => "contract.renew",
            Self::Split => "invoice.split",
            Self::Pay => "invoice.pay",
            Self::Issue => "recovery_order.issue",
            Self::GiveBack => "correction.record",
            Self::ReadStatement => "statement.read",
            Self::ReadTitre => "recovery_order.read",
            Self::Welcome => "user.welcome",
            Self::Reach => "contact.add",
        }
    }

    /// What its subject is, by the name that the API gives to such things.
    #[must_use]
    pub fn subject(self) -> &'static str {
        match self {
            Self::Declare
            | Self::Transmit
            | Self::Confirm
            | Self::Correct
            | Self::Follow
            | Self::Reconfirm
            | Self::Close
            | Self::Prepare => "round",
            Self::Gather => "grouping",
            Self::Answer | Self::JoinDecide | Self::JoinTransmit | Self::JoinSign => "membership",
            Self::Launch | Self::Decide | Self::Contract => "procedure",
            Self::Renew => "contract",
            Self::Split | Self::Pay => "invoice",
            Self::ReadStatement => "statement",
            Self::ReadTitre => "recovery_order",
            Self::Issue | Self::GiveBack | Self::Welcome | Self::Reach => "organisation",
        }
    }
}
