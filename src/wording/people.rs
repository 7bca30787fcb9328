//! Refusals about organisations and users.
use domain::{
    budget::BudgetError, organisation::OrganisationError, permission::Role, site::SiteError,
    user::UserError,
};

use crate::actions::users::Outcome;

/// What a role is called.
#[must_use]
pub fn role(role: Role) -> &'static str {
    match role {
        Role::DeclaringAgent => "Agent déclarant",
        Role::Approver => "Élu approbateur",
        Role::PurchasingOfficer => "Agent achats",
        Role::EquipmentManager => "Gestionnaire du matériel",
        Role::Accountant => "Comptable",
        Role::Administrator => "Administrateur",
    }
}

/// What became of a person of an imported list, or would become.
#[must_use]
pub fn import_outcome(outcome: Outcome, dry: bool) -> &'static str {
    match (outcome, dry) {
        (Outcome::Invited, false) => "Compte créé",
        (Outcome::Invited, true) => "Compte à créer",
        (Outcome::RoleGiven, false) => "Rôle ajouté",
        (Outcome::RoleGiven, true) => "Rôle à ajouter",
        (Outcome::ContactAdded, false) => "Contact ajouté",
        (Outcome::ContactAdded, true) => "Contact à ajouter",
        (Outcome::ContactChanged, false) => "Contact mis à jour",
        (Outcome::ContactChanged, true) => "Contact à mettre à jour",
        (Outcome::Unchanged, _) => "Déjà à jour",
        (Outcome::NotYours, _) => "Refusé\u{a0}: l’organisme s’administre lui-même",
        (Outcome::Disabled, _) => "Refusé\u{a0}: compte désactivé",
    }
}

/// What a role may do, in a sentence.
#[must_use]
pub fn role_meaning(role: Role) -> &'static str {
    match role {
        Role::DeclaringAgent => "Saisit et transmet les besoins, tient les coordonnées à jour.",
        Role::Approver => "Approuve les besoins et les décisions d’adhésion.",
        Role::PurchasingOfficer => "Conduit les campagnes, consultations, marchés et répartitions.",
        Role::EquipmentManager => "Tient le matériel prêté.",
        Role::Accountant => "Lit tout ce qui porte des montants, ne modifie rien.",
        Role::Administrator => "Invite les utilisateurs et leur donne des rôles.",
    }
}

pub(super) fn organisation(error: &OrganisationError) -> String {
    match error {
        OrganisationError::SirenTaken { siren } => {
            format!("Un organisme porte déjà le SIREN {siren}.")
        }
        OrganisationError::InseeTaken { insee } => {
            format!("Une commune porte déjà le code INSEE {insee}.")
        }
        OrganisationError::PopulationTaken { series, year } => format!(
            "La population «\u{a0}{series}\u{a0}» de {year} est déjà enregistrée\u{a0}: elle a \
             pu servir à une répartition et ne se remplace pas."
        ),
        OrganisationError::Unknown { number } => {
            format!("Aucune commune ni intercommunalité ne porte le numéro {number}.")
        }
    }
}

pub(super) fn user(error: &UserError) -> String {
    match error {
        UserError::WrongCredentials => {
            "L’adresse ou le mot de passe ne correspond pas. Vérifiez-les, ou demandez un nouveau \
             lien à l’administrateur."
                .to_owned()
        }
        UserError::WrongPassword => {
            "Le mot de passe actuel n’est pas celui-ci. Retapez-le.".to_owned()
        }
        UserError::TooManyFailures { minutes } => format!(
            "Trop d’essais pour cette adresse. Attendez {minutes}\u{a0}minutes avant de \
             recommencer."
        ),
        UserError::LinkUnusable => {
            "Ce lien a déjà servi ou n’est plus valable. Demandez-en un nouveau à \
             l’administrateur de votre organisme."
                .to_owned()
        }
        UserError::PasswordTooShort { min, typed } => {
            format!("Le mot de passe doit avoir au moins {min} caractères, celui-ci en a {typed}.")
        }
        UserError::PasswordGuessable => {
            "Le mot de passe contient votre nom ou votre adresse. Choisissez-en un autre."
                .to_owned()
        }
        UserError::EmailTaken { email } => format!("Un utilisateur a déjà l’adresse {email}."),
        UserError::Disabled { email } => format!(
            "Le compte {email} est désactivé. Seul l’exploitant du service peut le rouvrir."
        ),
        UserError::LastAdministrator => {
            "Il ne resterait aucun administrateur à cet organisme. Nommez-en un autre d’abord."
                .to_owned()
        }
    }
}

pub(super) fn budget(error: &BudgetError) -> String {
    match error {
        BudgetError::NameTaken { name } => {
            format!("Un budget de cet organisme s’appelle déjà «\u{a0}{name}\u{a0}».")
        }
        BudgetError::SecondMain { name } => format!(
            "Cet organisme a déjà un budget principal\u{a0}: «\u{a0}{name}\u{a0}». Enregistrez \
             celui-ci comme budget annexe."
        ),
        BudgetError::OtherSiren { siret, siren } => format!(
            "Le SIRET {siret} n’est pas un établissement de cet organisme, dont le SIREN est \
             {siren}."
        ),
    }
}

pub(super) fn site(error: &SiteError) -> String {
    match error {
        SiteError::ReferenceTaken { reference } => {
            format!("Un autre site de cet organisme porte déjà le numéro {reference}.")
        }
        SiteError::UnknownBudget => "Ce budget n’est pas un budget de cet organisme.".to_owned(),
    }
}
