//! « Pourquoi ce centime ? »: one member's shares taken apart, in French.
use domain::{
    allocation::{Cause, Origin, StepBy},
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
    wording::explanation::{basis, cause, cents, rule},
};

/// The panel of one payer.
pub(super) fn panel(
    overview: &Overview,
    payer: Payer,
    close: String,
) -> Result<Explanation, Error> {
    let account = overview.explain(payer)?;
    let debtor = overview.debtor(payer).ok_or(Error::NotFound)?;
    let (name, total) = (&debtor.name, debtor.total);
    let mut lines: Vec<SumLine> = account.parts.iter().flat_map(sum_lines).collect();
    lines.push(SumLine::new("À payer, TTC", "", french::euros(total.gross)).ruled("final"));
    Ok(Explanation {
        subject: format!("{name} · {} TTC", french::euros(total.gross)),
        close,
        reasons: vec![
            Reason {
                title: "La règle votée".to_owned(),
                text: told(&account, |one| rule(&one.why.origin)),
                ..Reason::default()
            },
            Reason {
                title: "Les chiffres de la commune".to_owned(),
                text: told(&account, |one| basis(&one.why.origin)),
                ..Reason::default()
            },
            Reason {
                title: "La part exacte, puis le centime".to_owned(),
                lines,
                after: told(&account, |one| {
                    let text = cause(&one.why, one.rank);
                    text.trim_end_matches('.').to_owned()
                }),
                ..Reason::default()
            },
            Reason {
                title: "Le contrôle".to_owned(),
                text: format!(
                    "Écart avec la part exacte sur toute la facture{NBSP}: {} centime. Il est \
                     toujours inférieur à un centime, et la somme des quotes-parts de chaque \
                     ligne est celle de la facture.",
                    french::decimal(&account.deviation.as_hundredths_of_cent())
                ),
                ..Reason::default()
            },
        ],
    })
}

/// One sentence for each line: « Abonnement : à parts égales. »
fn told(account: &Account, words: impl Fn(&Explained) -> String) -> String {
    let sentences = account.parts.iter().map(|one| {
        let label = label(&one.part);
        format!("{label}{NBSP}: {}.", words(one))
    });
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
    let line = |part: &domain::allocation::MixedStep| {
        let rule = rule(&Origin::Rule(part.step.clone()));
        let percent = french::decimal(&part.percent.to_string());
        let label = format!("{percent}\u{202f}% {rule}");
        SumLine::new(label, "", french::decimal(&part.step.part.as_euros()))
    };
    parts.iter().map(line).collect()
}
