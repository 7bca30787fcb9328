//! Settings that cannot be used, told to the operator in French.
use std::process::ExitCode;

use super::say_error;
use crate::settings::{Place, SettingsError};

/// Says what is wrong with the settings, and where it was written.
pub(super) fn refused(error: &SettingsError) -> ExitCode {
    say_error(&sentence(error));
    ExitCode::from(2)
}

fn sentence(error: &SettingsError) -> String {
    match error {
        SettingsError::Unknown {
            key,
            place,
            nearest,
        } => {
            let hint = match nearest {
                Some(known) => format!("Vouliez-vous dire {known}\u{202f}?"),
                None => "Les réglages connus s’affichent par encommun config.".to_owned(),
            };
            format!(
                "Réglage inconnu\u{a0}: {key}, dans {}. {hint}",
                shown(place)
            )
        }
        SettingsError::Missing { path } => format!(
            "Le fichier de réglages {} n’existe pas, ou ne peut pas être lu.",
            path.display()
        ),
        SettingsError::Syntax { path, source } => format!(
            "Le fichier de réglages {} n’est pas du TOML bien formé\u{a0}: {source}",
            path.display()
        ),
        SettingsError::Refused(cause) => format!(
            "Un réglage n’a pas une valeur du type attendu. Comparez avec config/default.toml. \
             Détail\u{a0}: {cause}"
        ),
        SettingsError::Thresholds(cause) => {
            format!("La table des seuils ne peut pas être utilisée. Détail\u{a0}: {cause}")
        }
        SettingsError::Secret { key, path, source } => format!(
            "Le fichier {} que nomme le réglage {key} ne peut pas être lu\u{a0}: {source}",
            path.display()
        ),
    }
}

fn shown(place: &Place) -> String {
    match place {
        Place::File(path) => format!("le fichier {}", path.display()),
        Place::Variable(name) => format!("la variable {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_setting_is_named_with_where_it_stands_and_the_one_meant() {
        let unknown = |place, nearest| SettingsError::Unknown {
            key: "http.listn".to_owned(),
            place,
            nearest,
        };
        let variable = Place::Variable("ENCOMMUN__HTTP__LISTN".to_owned());
        assert_eq!(
            sentence(&unknown(variable, Some("http.listen".to_owned()))),
            "Réglage inconnu\u{a0}: http.listn, dans la variable ENCOMMUN__HTTP__LISTN. \
             Vouliez-vous dire http.listen\u{202f}?"
        );
        let file = Place::File("/etc/encommun/production.toml".into());
        assert_eq!(
            sentence(&unknown(file, None)),
            "Réglage inconnu\u{a0}: http.listn, dans le fichier /etc/encommun/production.toml. \
             Les réglages connus s’affichent par encommun config."
        );
    }
}
