//! Refusals about invoices, keys and recovery orders: each states the gap.
use domain::{
    french,
    purchasing::{
        invoice::{InvoiceError, InvoiceEvent, InvoiceKind, InvoiceState, LineRule},
        invoice_check::Check,
        key::KeyError,
        recovery::{RecoveryError, RecoveryEvent, RecoveryState},
    },
};

use super::allocation::tax;

pub(super) fn invoice(error: &InvoiceError) -> String {
    match error {
        InvoiceError::NotAllowed { state, event } => {
            let verb = match event {
                InvoiceEvent::Edit => {
                    "être modifiée\u{a0}: corrigez par une nouvelle répartition \
                                       ou un avoir"
                }
                InvoiceEvent::Check => "être contrôlée",
                InvoiceEvent::Allocate => "être répartie\u{a0}: contrôlez-la d’abord",
            };
            format!("Une facture {} ne peut pas {verb}.", invoice_state(*state))
        }
        InvoiceError::NoLines => {
            "Une facture a au moins une ligne. Recopiez celles du document.".to_owned()
        }
        InvoiceError::Duplicate { number, year } => format!(
            "Ce fournisseur a déjà envoyé une facture {number} en {year}. Si ce n’est pas la même, \
             indiquez pourquoi dans «\u{a0}Motif du doublon\u{a0}»."
        ),
        InvoiceError::Unbalanced(check) => unbalanced(check),
        InvoiceError::WrongSign { kind, gross } => match kind {
            InvoiceKind::Invoice => format!(
                "Le total TTC d’une facture est positif, celui-ci est de {}. Pour une somme rendue \
                 par le fournisseur, choisissez «\u{a0}avoir\u{a0}».",
                french::euros(*gross)
            ),
            InvoiceKind::CreditNote => format!(
                "Un avoir se saisit avec des montants négatifs, celui-ci est de {}.",
                french::euros(*gross)
            ),
        },
        InvoiceError::Zero => {
            "Le total TTC est de 0,00\u{202f}€\u{a0}: il n’y a rien à payer ni à répartir. Recopiez \
             le total du document."
                .to_owned()
        }
        InvoiceError::CreditedMissing => {
            "Un avoir cite la facture qu’il rectifie\u{a0}: ouvrez-la, puis choisissez \
             «\u{a0}Enregistrer un avoir\u{a0}». Une remise de fin d’année cite son marché."
                .to_owned()
        }
        InvoiceError::RuleMissing { position } => format!(
            "La ligne {position} ne dit pas comment elle se répartit, et aucune règle n’a été \
             convenue pour son article, son lot ou son groupement. Choisissez-la."
        ),
        InvoiceError::PeriodBackwards => {
            "La période facturée finit avant de commencer. Inversez les deux dates.".to_owned()
        }
        InvoiceError::ReceivedBeforeIssued => {
            "La facture ne peut pas être reçue avant d’avoir été émise.".to_owned()
        }
        InvoiceError::ReceivedInFuture { received_on, today } => format!(
            "La date de réception, le {}, est après aujourd’hui, le {}. Relisez l’année.",
            french::date(*received_on),
            french::date(*today)
        ),
        InvoiceError::NotOfGrouping => {
            "Ce fournisseur, ce marché ou cette clé n’est pas de ce groupement.".to_owned()
        }
        InvoiceError::CreditTooLarge { credit, left } => format!(
            "Cet avoir rend {}, mais il ne reste que {} de la facture citée, avoirs déjà reçus \
             déduits. Vérifiez le montant ou la facture choisie.",
            french::euros(*credit),
            french::euros(*left)
        ),
        InvoiceError::MotiveNeeded => {
            "Cette facture est déjà répartie. Indiquez pourquoi vous la répartissez à nouveau."
                .to_owned()
        }
        InvoiceError::PopulationMissing {
            series,
            year,
            missing,
        } => format!(
            "La population {series} de {year} manque pour {missing} membre{}. Renseignez-la, ou \
             choisissez une autre année.",
            if *missing > 1 { "s" } else { "" }
        ),
    }
}

/// « reçue », « contrôlée », « répartie ».
#[must_use]
pub fn invoice_state(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Received => "reçue",
        InvoiceState::Checked => "contrôlée",
        InvoiceState::Allocated => "répartie",
    }
}

/// « facture », « avoir ».
#[must_use]
pub fn invoice_kind(kind: InvoiceKind) -> &'static str {
    match kind {
        InvoiceKind::Invoice => "facture",
        InvoiceKind::CreditNote => "avoir",
    }
}

/// Every gap of a check, one sentence each.
#[must_use]
pub fn gaps(check: &Check) -> Vec<String> {
    let mut sentences = Vec::new();
    if !check.net_gap.is_zero() {
        sentences.push(format!(
            "Le total HT imprimé s’écarte de {} de la somme des lignes ({}).",
            french::euros(check.net_gap),
            french::euros(check.lines)
        ));
    }
    if !check.tax_gap.is_zero() {
        sentences.push(format!(
            "Le total des taxes imprimé s’écarte de {} de la somme des taxes par taux ({}).",
            french::euros(check.tax_gap),
            french::euros(check.taxes)
        ));
    }
    if !check.gross_gap.is_zero() {
        sentences.push(format!(
            "Le total TTC imprimé s’écarte de {} du HT et de la taxe ensemble ({}).",
            french::euros(check.gross_gap),
            french::euros(check.sum)
        ));
    }
    for group in check.groups.iter().filter(|group| !group.is_complete()) {
        sentences.push(if group.borne {
            format!(
                "Des lignes pour {} HT portent «\u{a0}{}\u{a0}», dont le montant imprimé manque.",
                french::euros(group.net),
                tax(group.group)
            )
        } else {
            format!(
                "{} de «\u{a0}{}\u{a0}» sont imprimés, mais aucune ligne ne porte cette taxe.",
                french::euros(group.printed.unwrap_or_default()),
                tax(group.group)
            )
        });
    }
    sentences
}

/// What is worth looking at, though the printed figure is the authority.
#[must_use]
pub fn warnings(check: &Check) -> Vec<String> {
    let mut sentences = Vec::new();
    for group in check.groups.iter().filter(|group| !group.is_usual()) {
        sentences.push(format!(
            "{}\u{a0}: {} imprimés, alors que le taux donne {} sur le total et {} ligne par ligne. \
             La somme imprimée fait foi et sera répartie telle quelle.",
            tax(group.group),
            french::euros(group.printed.unwrap_or_default()),
            french::euros(group.on_total),
            french::euros(group.per_line)
        ));
    }
    for product in &check.products {
        sentences.push(format!(
            "Ligne {}\u{a0}: quantité × prix donne {}, la ligne imprimée est de {}.",
            product.position,
            french::euros(product.computed),
            french::euros(product.printed)
        ));
    }
    sentences
}

fn unbalanced(check: &Check) -> String {
    format!("La facture ne tombe pas juste. {}", gaps(check).join(" "))
}

/// How many numbers a sentence names before it counts the others.
const NAMED_MAX: usize = 5;

fn unknown_sites(numbers: &[String]) -> String {
    let named = numbers.iter().take(NAMED_MAX).map(String::as_str);
    let named = named.collect::<Vec<_>>().join(", ");
    match numbers.len().saturating_sub(NAMED_MAX) {
        0 => format!("Aucun site d’un membre ne porte ces numéros\u{a0}: {named}."),
        more => {
            format!("Aucun site d’un membre ne porte ces numéros\u{a0}: {named} et {more} autres.")
        }
    }
}

pub(super) fn key(error: &KeyError) -> String {
    match error {
        KeyError::NameTaken { name } => {
            format!("Une clé de ce groupement s’appelle déjà «\u{a0}{name}\u{a0}».")
        }
        KeyError::Negative { weight } => {
            format!("Un poids ne peut pas être négatif ({weight}).")
        }
        KeyError::AllZero { name } => format!(
            "Tous les poids de la clé «\u{a0}{name}\u{a0}» sont nuls\u{a0}: elle ne répartirait rien."
        ),
        KeyError::UnknownSites { numbers } => unknown_sites(numbers),
        KeyError::NotAMember => {
            "Un poids est donné à un organisme qui n’est pas membre du groupement.".to_owned()
        }
    }
}

pub(super) fn recovery(error: &RecoveryError) -> String {
    match error {
        RecoveryError::NotAllowed { state, event } => {
            let verb = match event {
                RecoveryEvent::Issue => "recevoir un numéro de titre",
                RecoveryEvent::Reduce => "être réduite",
                RecoveryEvent::Cancel => "être annulée",
            };
            format!(
                "Une demande de titre «\u{a0}{}\u{a0}» ne peut pas {verb}.",
                recovery_state(*state)
            )
        }
        RecoveryError::TooMuch { by, left } => format!(
            "La réduction de {} doit être positive et laisser moins que les {} encore demandés. \
             Pour ne plus rien demander, annulez le titre.",
            french::euros(*by),
            french::euros(*left)
        ),
        RecoveryError::TitreTaken { number, order } => format!(
            "Le titre {number} est déjà celui de la demande {order}, au même exercice. Relisez son \
             numéro dans votre logiciel financier."
        ),
        RecoveryError::OtherExercice { exercice, year } => format!(
            "Le titre est de l’exercice {exercice}\u{a0}: en {year}, la correction est un mandat de \
             paiement, non une réduction."
        ),
        RecoveryError::ExerciceMismatch {
            issued_on,
            exercice,
        } => format!(
            "Un titre émis le {} ne peut pas être de l’exercice {exercice}.",
            french::date(*issued_on)
        ),
    }
}

/// « à émettre », « émis », « réduit », « annulé ».
#[must_use]
pub fn recovery_state(state: RecoveryState) -> &'static str {
    match state {
        RecoveryState::ToIssue => "à émettre",
        RecoveryState::Issued => "émis",
        RecoveryState::Reduced => "réduit",
        RecoveryState::Cancelled => "annulé",
    }
}

/// By what a line is split, for people; `named` is the name of its key or of its rule.
#[must_use]
pub fn line_rule(rule: &LineRule, named: Option<&str>) -> String {
    match rule {
        LineRule::Equal => "À parts égales".to_owned(),
        LineRule::Delivered => "Selon les quantités livrées".to_owned(),
        LineRule::Population { series, year } => format!("Selon la population {series} {year}"),
        LineRule::Key(_) => format!(
            "Selon la clé «\u{a0}{}\u{a0}»",
            named.unwrap_or("du groupement")
        ),
        LineRule::Rule(_) => format!("Règle «\u{a0}{}\u{a0}»", named.unwrap_or("du groupement")),
    }
}

/// The key of a stored case, for people: `population municipale 2026`.
#[must_use]
pub fn case_key(key: &str) -> String {
    if key.starts_with("delivered ") {
        return "quantités livrées".to_owned();
    }
    let Some(name) = key.strip_prefix("key ") else {
        return key.to_owned();
    };
    // A key that never changed needs no number.
    match name.rsplit_once(" v") {
        Some((name, "0")) => format!("clé {name}"),
        Some((name, version)) => format!("clé {name}, version {version}"),
        None => format!("clé {name}"),
    }
}
