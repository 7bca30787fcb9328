//! Refusals about organisations and users.
use domain::{organisation::OrganisationError, user::UserError};

pub(super) fn organisation(error: &OrganisationError) -> String {
    match error {
        OrganisationError::SirenTaken { siren } => {
            format!("Un organisme porte déjà le SIREN {siren}.")
        }
        OrganisationError::InseeTaken { insee } => {
            format!("Une commune porte déjà le code INSEE {insee}.")
        }
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
