//! « Pourquoi ce centime ? »: one member's shares taken apart, in French.
use domain::{
    allocation::{Explanation as Part0, Reason as Why},
    french::{self, NBSP},
    purchasing::payer::Payer,
};

use super::super::components::{Explanation, Reason, SumLine};
use crate::{
    actions::{
        Error,
        purchasing::allocations::{Explained, Overview},
    },
    exchange::statements::{basis, label},
};

/// The panel of one payer.
pub(super) fn panel(
    overview: &Overview,
    payer: Payer,
    close: String,
) -> Result<Explanation, Error> {
    let parts = overview.explain(payer)?;
    let debtor = overview.debtor(payer).ok_or(Error::NotFound)?;
    let (name, total) = (&debtor.name, debtor.total);
    let rule = parts
        .iter()
        .map(|one| {
            let label = label(&one.part);
            format!("{label}{NBSP}: {}.", basis(&one.explanation.basis))
        })
        .collect::<Vec<_>>()
        .join(" ");
    let mut lines: Vec<SumLine> = parts.iter().flat_map(sum_lines).collect();
    lines.push(SumLine::new("À payer, TTC", "", french::euros(total.gross)).ruled("final"));
    let after = parts
        .iter()
        .map(|one| leftover(&label(&one.part), &one.explanation))
        .collect::<Vec<_>>()
        .join(" ");
    Ok(Explanation {
        subject: format!("{name} · {} TTC", french::euros(total.gross)),
        close,
        reasons: vec![
            Reason {
                title: "La règle et les chiffres".to_owned(),
                text: rule,
                ..Reason::default()
            },
            Reason {
                title: "La part exacte, puis le centime".to_owned(),
                lines,
                after,
                ..Reason::default()
            },
            Reason {
                title: "Le contrôle".to_owned(),
                text: "Chaque ligne s’écarte de sa part exacte de moins d’un centime, et la somme \
                       des quotes-parts de chaque ligne est celle de la facture."
                    .to_owned(),
                ..Reason::default()
            },
        ],
    })
}

fn sum_lines(one: &Explained) -> [SumLine; 2] {
    let label = label(&one.part);
    let explanation = &one.explanation;
    let exact = french::decimal(&explanation.exact.as_euros());
    let hint = match explanation.rank {
        Some(rank) => format!("rang {rank}, {} à donner", cents(explanation.leftover)),
        None => "sans reste".to_owned(),
    };
    [
        SumLine::new(format!("{label}, exact"), "", exact),
        SumLine::new(
            format!("{label}, arrondi"),
            hint,
            french::euros(explanation.share),
        )
        .ruled("total"),
    ]
}

fn leftover(label: &str, explanation: &Part0) -> String {
    let given = cents(explanation.leftover);
    let place = explanation.rank.map(ordinal).unwrap_or_default();
    match explanation.reason {
        Why::Exact => format!("{label}{NBSP}: la part est un nombre entier de centimes."),
        Why::Ranked => format!(
            "{label}{NBSP}: il restait {given} après les parts entières. Ils vont aux plus grands \
             restes{NBSP}: ce membre arrive {place} et en reçoit un."
        ),
        Why::Below => format!(
            "{label}{NBSP}: il restait {given} après les parts entières. Ils vont aux plus grands \
             restes{NBSP}: ce membre arrive {place} et n’en reçoit pas."
        ),
        Why::Tied => format!(
            "{label}{NBSP}: il restait {given} après les parts entières. À reste égal, ils vont au \
             numéro SIREN le plus petit{NBSP}: ce membre arrive {place}."
        ),
    }
}

fn cents(count: usize) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("{count}{NBSP}centime{plural}")
}

fn ordinal(rank: usize) -> String {
    if rank == 1 {
        "1er".to_owned()
    } else {
        format!("{rank}e")
    }
}
