//! « Pourquoi ce centime ? »: a member's amounts, or one of them, taken apart in French.
use domain::{
    allocation::{Cause, MixedStep, Origin, Step, StepBy, Weighing},
    french::{self, NBSP},
    purchasing::payer::Payer,
};

use super::super::components::{Explanation, Reason, SumLine};
use crate::{
    actions::{
        Error,
        purchasing::allocations::{Account, Explained, Overview},
    },
    exchange::statements::label,
    wording::explanation::{basis, cause, cents, figures, rule},
};

/// More amounts than this are not each told in words at once.
const TOLD_MAX: usize = 3;

/// The panel of one payer: everything it pays, or one amount by its place on the invoice.
pub(in crate::web) fn panel(
    overview: &Overview,
    payer: Payer,
    place: Option<usize>,
    close: String,
) -> Result<Explanation, Error> {
    let account = match place {
        Some(place) => overview.explain_one(payer, place)?,
        None => overview.explain(payer)?,
    };
    let debtor = overview.debtor(payer).ok_or(Error::NotFound)?;
    let subject = match (place, account.parts.as_slice()) {
        (Some(_), [one]) => {
            let share = french::euros(one.why.share);
            format!("{} · {} · {share}", debtor.name, label(&one.part))
        }
        (Some(_) | None, _) => format!(
            "{} · {} TTC",
            debtor.name,
            french::euros(debtor.total.gross)
        ),
    };
    let mut lines: Vec<SumLine> = account.parts.iter().flat_map(sum_lines).collect();
    if place.is_none() {
        let gross = french::euros(debtor.total.gross);
        lines.push(SumLine::new("À payer, TTC", "", gross).ruled("final"));
    }
    let cent = Reason {
        title: "La part exacte, puis le centime".to_owned(),
        lines,
        after: decided(&account),
        ..Reason::default()
    };
    Ok(Explanation {
        subject,
        close,
        reasons: vec![
            Reason {
                title: "La règle votée".to_owned(),
                text: told(&account, |one| Some(rule(&one.why.origin))),
                ..Reason::default()
            },
            rested(overview, &account),
            cent,
            Reason {
                title: "Le contrôle".to_owned(),
                text: control(&account, place),
                ..Reason::default()
            },
        ],
    })
}

/// What decided of each cent; of more amounts than a page reads, how they are decided.
fn decided(account: &Account) -> String {
    if account.parts.len() > TOLD_MAX {
        return "Les centimes qui restent sur une ligne vont aux membres auxquels il est dû le \
                plus\u{a0}: le rang de ce membre est à côté de chaque montant. Ouvrez un montant \
                pour lire ce qui a décidé de son centime."
            .to_owned();
    }
    told(account, |one| {
        let text = cause(&one.why, one.rank);
        Some(text.trim_end_matches('.').to_owned())
    })
}

/// The figures with their sources, then how a rule that is not plain uses them.
fn rested(overview: &Overview, account: &Account) -> Reason {
    let origins = account.parts.iter().map(|one| &one.why.origin);
    let figures = figures(origins, &overview.sources());
    let figures = figures
        .iter()
        .map(|figure| format!("{}{NBSP}: {}.", figure.label, figure.sourced()));
    Reason {
        title: "Les chiffres du membre".to_owned(),
        text: figures.collect::<Vec<_>>().join(" "),
        after: told(account, |one| {
            let origin = &one.why.origin;
            (!is_plain(origin)).then(|| basis(origin))
        }),
        ..Reason::default()
    }
}

/// Whether the figures say it all: « 1 643 habitants sur 1 194 040 ».
fn is_plain(origin: &Origin) -> bool {
    match origin {
        Origin::Rule(step) => is_plain_step(step),
        Origin::Charge(_) | Origin::Tax(_) => false,
    }
}

fn is_plain_step(step: &Step) -> bool {
    match &step.by {
        StepBy::Weight { weighing, .. } => match weighing {
            Weighing::Equal | Weighing::Key { .. } => true,
            Weighing::Product { .. }
            | Weighing::Percent { .. }
            | Weighing::Bands(_)
            | Weighing::Coefficient { .. } => false,
        },
        StepBy::Mix { parts } => parts.iter().all(|part| is_plain_step(&part.step)),
        StepBy::First { .. } | StepBy::Clamp { .. } | StepBy::Direct => false,
    }
}

fn control(account: &Account, place: Option<usize>) -> String {
    if let (Some(_), [one]) = (place, account.parts.as_slice()) {
        return format!(
            "Écart avec la part exacte{NBSP}: {} centime. Il est toujours inférieur à un centime, \
             et la somme des quotes-parts est {}, comme sur la facture.",
            french::decimal(&one.why.deviation.as_hundredths_of_cent()),
            french::euros(one.why.total)
        );
    }
    format!(
        "Écart avec la part exacte sur toute la facture{NBSP}: {} centime. Il est toujours \
         inférieur à un centime, et la somme des quotes-parts de chaque ligne est celle de la \
         facture.",
        french::decimal(&account.deviation.as_hundredths_of_cent())
    )
}

/// One sentence for each amount that has one: « Abonnement : à parts égales. »
fn told(account: &Account, words: impl Fn(&Explained) -> Option<String>) -> String {
    let mut told: Vec<(String, String)> = Vec::new();
    for one in &account.parts {
        let (label, Some(words)) = (label(&one.part), words(one)) else {
            continue;
        };
        // « Abonnement, formation : à parts égales. » rather than twice the same words.
        match told.iter_mut().find(|(_, said)| *said == words) {
            Some((labels, _)) => {
                labels.push_str(", ");
                labels.push_str(&label);
            }
            None => told.push((label, words)),
        }
    }
    let sentences = told.iter();
    let sentences = sentences.map(|(labels, words)| format!("{labels}{NBSP}: {words}."));
    sentences.collect::<Vec<_>>().join(" ")
}

/// The parts of a composed rule, the exact part, then its cents.
fn sum_lines(one: &Explained) -> Vec<SumLine> {
    let label = label(&one.part);
    let mut lines = composed(one);
    let exact = french::decimal(&one.why.exact.as_euros());
    let exact = SumLine::new(format!("{label}, exact"), "", exact);
    let is_composed = !lines.is_empty();
    lines.push(if is_composed {
        exact.ruled("total")
    } else {
        exact
    });
    let hint = match (one.rank, one.why.cause) {
        (_, Cause::Repaired) => "centime échangé".to_owned(),
        (Some(rank), _) => format!("rang {rank} sur {}", cents(one.why.leftover)),
        (None, _) => "sans reste".to_owned(),
    };
    let share = french::euros(one.why.share);
    lines.push(SumLine::new(format!("{label}, arrondi"), hint, share).ruled("total"));
    lines
}

fn composed(one: &Explained) -> Vec<SumLine> {
    let Origin::Rule(step) = &one.why.origin else {
        return Vec::new();
    };
    let StepBy::Mix { parts } = &step.by else {
        return Vec::new();
    };
    let line = |part: &MixedStep| {
        let rule = rule(&Origin::Rule(part.step.clone()));
        let percent = french::decimal(&part.percent.to_string());
        let label = format!("{percent}\u{202f}% {rule}");
        SumLine::new(label, "", french::decimal(&part.step.part.as_euros()))
    };
    parts.iter().map(line).collect()
}
