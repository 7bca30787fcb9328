//! Who may do what: the one table of rights.
use serde::{Deserialize, Serialize};

/// What a user is for an organisation (« rôle »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Declares needs and books equipment (« agent déclarant »).
    DeclaringAgent,
    /// An elected person who approves (« élu approbateur »).
    Approver,
    /// Runs grouped purchases for the coordinator (« agent achats »).
    PurchasingOfficer,
    /// Keeps and lends equipment (« gestionnaire du matériel »).
    EquipmentManager,
    /// Reads everything that has figures, changes nothing (« comptable »).
    Accountant,
    /// Manages the organisation's users and details (« administrateur »).
    Administrator,
}

impl Role {
    /// Every role, in the order of menus.
    pub const ALL: [Self; 6] = [
        Self::DeclaringAgent,
        Self::Approver,
        Self::PurchasingOfficer,
        Self::EquipmentManager,
        Self::Accountant,
        Self::Administrator,
    ];

    /// The name in the database, the API and the command line.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DeclaringAgent => "declaring_agent",
            Self::Approver => "approver",
            Self::PurchasingOfficer => "purchasing_officer",
            Self::EquipmentManager => "equipment_manager",
            Self::Accountant => "accountant",
            Self::Administrator => "administrator",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Something that may be done for an organisation (« droit »).
///
/// Rights over groupings, rounds, procedures, contracts, invoices and allocations are asked of
/// their owner, the coordinating organisation; rights over needs and statements of the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See what belongs to the organisation.
    See,
    /// Change its details, contacts, budgets and sites.
    EditOrganisation,
    /// Invite its users, give and take roles.
    ManageUsers,
    /// Read its history.
    ReadJournal,
    /// Create and change groupings, agreements and memberships that it coordinates.
    RunGroupings,
    /// Prepare, open, extend, close and reopen its rounds, and enter needs for members.
    RunRounds,
    /// Launch procedures, record awards and contracts.
    RunProcedures,
    /// Record invoices, allocate them, issue recovery orders.
    RunAllocations,
    /// Type, submit and withdraw the organisation's own needs.
    DeclareNeeds,
    /// Answer for the organisation as a member: decisions, joining, leaving.
    DecideMembership,
    /// Read the organisation's statements and recovery orders.
    ReadStatements,
    /// Follow what the coordinator has to pay and to ask: invoices, recovery orders.
    FollowPayments,
}

impl Right {
    /// Every right, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::See,
        Self::EditOrganisation,
        Self::ManageUsers,
        Self::ReadJournal,
        Self::RunGroupings,
        Self::RunRounds,
        Self::RunProcedures,
        Self::RunAllocations,
        Self::DeclareNeeds,
        Self::DecideMembership,
        Self::ReadStatements,
        Self::FollowPayments,
    ];

    /// The table: the roles that carry this right.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        use Role::{
            Accountant, Administrator, Approver, DeclaringAgent, EquipmentManager,
            PurchasingOfficer,
        };
        match self {
            Self::See => &[
                DeclaringAgent,
                Approver,
                PurchasingOfficer,
                EquipmentManager,
                Accountant,
                Administrator,
            ],
            Self::EditOrganisation => &[DeclaringAgent, PurchasingOfficer, Administrator],
            Self::ManageUsers => &[Administrator],
            Self::ReadJournal => &[
                DeclaringAgent,
                Approver,
                PurchasingOfficer,
                Accountant,
                Administrator,
            ],
            Self::RunGroupings => &[PurchasingOfficer, Administrator],
            Self::RunRounds | Self::RunProcedures | Self::RunAllocations => &[PurchasingOfficer],
            Self::DeclareNeeds => &[DeclaringAgent, Approver],
            Self::DecideMembership => &[DeclaringAgent, Approver, Administrator],
            Self::FollowPayments => &[PurchasingOfficer, Accountant],
            Self::ReadStatements => &[
                DeclaringAgent,
                Approver,
                PurchasingOfficer,
                Accountant,
                Administrator,
            ],
        }
    }

    /// Whether a role carries this right.
    #[must_use]
    pub fn allows(self, role: Role) -> bool {
        self.roles().contains(&role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accountant_changes_nothing() {
        let changing = Right::ALL
            .into_iter()
            .filter(|r| r.allows(Role::Accountant));
        let read_only = [
            Right::See,
            Right::ReadJournal,
            Right::ReadStatements,
            Right::FollowPayments,
        ];
        assert!(changing.eq(read_only));
    }

    #[test]
    fn codes_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
    }
}
