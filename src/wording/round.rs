//! Refusals and words about rounds.
use chrono::{DateTime, Utc};
use domain::{
    french::{self, NBSP},
    purchasing::round::{ClosedBy, Closing, RoundError, RoundEvent, RoundState},
};

use super::clocks;

/// The name of a state, as a badge says it.
#[must_use]
pub fn state(state: RoundState) -> &'static str {
    match state {
        RoundState::Draft => "Préparation",
        RoundState::Open => "Ouverte",
        RoundState::Closed => "Close",
        RoundState::Cancelled => "Annulée",
    }
}

pub(super) fn round(error: &RoundError) -> String {
    match error {
        RoundError::NotAllowed {
            from,
            event,
            closing,
        } => not_allowed(*from, *event, closing.as_ref()),
        RoundError::DeadlinePassed { deadline } => format!(
            "La date limite est passée depuis le {}. Demandez au coordonnateur de rouvrir la \
             campagne pour vous.",
            moment(*deadline)
        ),
        RoundError::DeadlineNotFuture { deadline, .. } => format!(
            "La date limite du {} est déjà passée. Choisissez une date à venir.",
            moment(*deadline)
        ),
        RoundError::DeadlineNotLater { current, .. } => format!(
            "Une prolongation repousse la date limite. Choisissez une date après le {}.",
            moment(*current)
        ),
        RoundError::NoItem => {
            "Cette campagne n’a aucun article. Ajoutez-en au moins un avant de l’ouvrir.".to_owned()
        }
        RoundError::ItemInUse { title, members } => {
            let who = if *members == 1 {
                "1 membre a déclaré".to_owned()
            } else {
                format!("{members} membres ont déclaré")
            };
            format!(
                "«{NBSP}{title}{NBSP}» ne peut pas être retiré{NBSP}: {who} des quantités pour cet \
                 article."
            )
        }
        RoundError::TooManyItems { max } => {
            format!("Une campagne compte au plus {max} articles.")
        }
        RoundError::OtherGrouping => {
            "La campagne à reprendre appartient à un autre groupement.".to_owned()
        }
        RoundError::ColumnsFixed => {
            "Les colonnes de saisie ne changent plus une fois la campagne ouverte.".to_owned()
        }
        RoundError::HasItems => {
            "Cette campagne a déjà des articles. La reprise part d’une campagne vide.".to_owned()
        }
        RoundError::NotAMember => "Cette collectivité n’est pas membre du groupement.".to_owned(),
    }
}

fn not_allowed(from: RoundState, event: RoundEvent, closing: Option<&Closing>) -> String {
    let done = match event {
        RoundEvent::Edit => "modifiée",
        RoundEvent::Open => "ouverte",
        RoundEvent::Declare => return declaring(from, closing),
        RoundEvent::Extend => "prolongée",
        RoundEvent::Close => "close",
        RoundEvent::ReopenForMember => "rouverte pour une collectivité",
        RoundEvent::Reopen => "rouverte",
        RoundEvent::Cancel => "annulée",
    };
    match (from, closing) {
        (RoundState::Closed, Some(closing)) if event == RoundEvent::Close => {
            format!("Cette campagne est déjà close{}.", by(closing))
        }
        (RoundState::Closed, Some(closing)) => format!(
            "Cette campagne ne peut pas être {done}{NBSP}: elle est close{}.",
            by(closing)
        ),
        (RoundState::Draft, _) => {
            format!("Cette campagne est en préparation{NBSP}: elle ne peut pas être {done}.")
        }
        (RoundState::Open, _) => {
            format!("Cette campagne est ouverte{NBSP}: elle ne peut pas être {done}.")
        }
        (RoundState::Closed, None) => {
            format!("Cette campagne est close{NBSP}: elle ne peut pas être {done}.")
        }
        (RoundState::Cancelled, _) => {
            format!("Cette campagne est annulée{NBSP}: elle ne peut pas être {done}.")
        }
    }
}

fn declaring(from: RoundState, closing: Option<&Closing>) -> String {
    match (from, closing) {
        (RoundState::Closed, Some(closing)) => format!(
            "Cette campagne est close{}. Demandez au coordonnateur de la rouvrir pour vous.",
            by(closing)
        ),
        (RoundState::Closed, None) => {
            "Cette campagne est close. Demandez au coordonnateur de la rouvrir pour vous."
                .to_owned()
        }
        (RoundState::Draft, _) => "Cette campagne n’est pas encore ouverte.".to_owned(),
        (RoundState::Cancelled, _) => "Cette campagne est annulée.".to_owned(),
        (RoundState::Open, _) => "Cette campagne n’attend pas de réponse.".to_owned(),
    }
}

/// « , par Lucie Delattre, le 22 mai à 17 h 00 ».
fn by(closing: &Closing) -> String {
    let who = match closing.by {
        ClosedBy::User(_) if closing.name.is_empty() => String::new(),
        ClosedBy::User(_) => format!(" par {}", closing.name),
        ClosedBy::Clock => " à sa date limite".to_owned(),
        ClosedBy::Operator => " par l’exploitant du service".to_owned(),
    };
    format!("{who}, le {}", moment(closing.at))
}

fn moment(instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&clocks::of_reader()).naive_local();
    format!(
        "{} à {}",
        french::long_date(local.date()),
        french::time(local.time())
    )
}

/// Who acted, when it was not a person.
#[must_use]
pub fn actor(kind: &str) -> &'static str {
    match kind {
        "clock" => "Le service, à la date limite",
        "operator" => "L’exploitant du service",
        _ => "Une personne qui n’a plus de compte",
    }
}

/// A line of history, from the code of its action and its facts.
#[must_use]
pub fn event(action: &str, detail: &serde_json::Value) -> String {
    let text = |key: &str| detail.get(key).and_then(|v| v.as_str()).unwrap_or("");
    let number = |key: &str| {
        detail
            .get(key)
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0)
    };
    let until = |key: &str| {
        let at = DateTime::parse_from_rfc3339(text(key));
        at.map_or_else(|_| String::new(), |at| moment(at.to_utc()))
    };
    let said = match action {
        "round.create" => "Campagne préparée".to_owned(),
        "round.edit" => "Campagne modifiée".to_owned(),
        "round.resume" => "Lots et articles repris d’une autre campagne".to_owned(),
        "round.open" => format!(
            "Campagne ouverte à {} membres jusqu’au {}",
            number("members"),
            until("deadline")
        ),
        "round.extend" => format!("Date limite repoussée au {}", until("deadline")),
        "round.close" => format!(
            "Campagne close, {} réponses sur {} membres",
            number("answered"),
            number("members")
        ),
        "round.reopen_for_member" => {
            format!("Rouverte pour une collectivité jusqu’au {}", until("until"))
        }
        "round.reopen" => format!(
            "Rouverte pour tous jusqu’au {}{NBSP}: {}",
            until("deadline"),
            text("motive")
        ),
        "round.cancel" => "Campagne annulée".to_owned(),
        "lot.rename" => format!("Lot renommé{NBSP}: {}", text("title")),
        "lot.remove" => "Lot retiré".to_owned(),
        "item.add" => "Articles ajoutés".to_owned(),
        "item.edit" => "Article modifié".to_owned(),
        "item.remove" => format!("Article retiré{NBSP}: {}", text("title")),
        _ => "Autre action".to_owned(),
    };
    match number("to_reconfirm") {
        0 => said,
        1 => format!("{said}, 1 réponse à confirmer"),
        n => format!("{said}, {n} réponses à confirmer"),
    }
}
