//! The split of an invoice: proofs, every share, and where one member's cents come from.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    attachment::{Subject, SubjectKind},
    french::{self, NBSP},
    identity::{BudgetId, OrganisationId},
    money::Cents,
    permission::Right,
    purchasing::payer::Payer,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    super::{
        attachments::Panel,
        components::{BarChart, ColumnChart, Explanation, Proof},
        form::Fields,
        format::{self, filters},
        layout::{FlashKind, Shell},
        page::{Answer, page},
        session::{self, Person},
    },
    charts, named, operation, parse,
    shares::{self, ShareTable, View},
    why,
};
use crate::{
    actions::{
        App, Error,
        purchasing::allocations::{self, Overview},
    },
    exchange::allocations::{cells, heads},
    wording,
};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    membre: Option<OrganisationId>,
    budget: Option<BudgetId>,
    /// One amount alone, by its place on the invoice.
    montant: Option<usize>,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    tri: String,
    #[serde(default)]
    ordre: String,
    page: Option<u32>,
}

impl Asked {
    fn payer(&self) -> Option<Payer> {
        Some(Payer {
            member: self.membre?,
            budget: self.budget,
        })
    }
}

#[derive(Template)]
#[template(path = "invoices/split.html")]
struct Split {
    shell: Shell,
    href: String,
    o: Overview,
    count: usize,
    /// How many take part and pay nothing.
    none: usize,
    runs_allocations: bool,
    proofs: Vec<Proof>,
    exact: bool,
    table: ShareTable,
    explanation: Option<Explanation>,
    largest: BarChart,
    bands: ColumnChart,
    made: String,
    input: String,
    output: String,
    operation: String,
    pieces: Panel,
}

pub(super) async fn allocate(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let motive = fields.typed("motif").trim();
    let motive = domain::text::clean(motive, 500).ok();
    let actor = person.actor.clone().with_operation(fields.operation());
    match allocations::allocate(&app, &actor, id, motive).await {
        Ok(run) => {
            let text = format!(
                "{} répartis au centime près, écart 0,00\u{202f}€.",
                french::euros(run.total.gross)
            );
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/factures/{id}/repartition")).into_response())
        }
        Err(error @ Error::Refused(_)) => {
            let (_, sentence) = wording::error(&error);
            session::tell(&session, FlashKind::Warning, sentence).await?;
            Ok(Redirect::to(&format!("/factures/{id}")).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let id = parse(&id)?;
    let o = allocations::latest(&app, &person.actor, id).await?;
    let href = format!("/factures/{id}/repartition");
    let explanation = match asked.payer() {
        Some(payer) => {
            let close = format!("{href}#tableau");
            Some(why::panel(&o, payer, asked.montant, close)?)
        }
        None => None,
    };
    let view = View {
        payer: explanation.as_ref().and(asked.payer()),
        detailed: asked.detail == "oui",
        by_gross: asked.tri == "ttc",
        descending: asked.ordre == "desc",
        page: asked.page,
    };
    let table = ShareTable::new(&o, &href, view)?;
    let totals = o.shares.totals()?;
    let number = named(o.invoice.kind, &o.invoice.number);
    let proofs = proofs(&o)?;
    let subject = Subject {
        kind: SubjectKind::Allocation,
        id: o.run.id.0,
    };
    page(&Split {
        shell: person
            .shell(format!("Répartition de {number}"))
            .crumb("Factures et répartitions", "/factures")
            .crumb(number, format!("/factures/{id}")),
        runs_allocations: person.actor.may(Right::RunAllocations, o.run.owner),
        exact: proofs.iter().all(|proof| proof.exact),
        proofs,
        count: o.paying(),
        none: o.debtors.len().saturating_sub(o.paying()),
        table,
        explanation,
        largest: charts::largest(&o.debtors),
        bands: charts::bands(&totals),
        made: format::day_time_year(o.run.made_at, person.zone()),
        input: short(&o.run.input_sha256),
        output: short(&o.run.output_sha256),
        operation: operation(&app),
        pieces: Panel::of(&app, &person, subject, href.clone()).await?,
        href,
        o,
    })
}

/// How the address of a page names a payer.
pub(super) fn payer_query(payer: Payer) -> String {
    match payer.budget {
        Some(budget) => format!("membre={}&budget={budget}", payer.member),
        None => format!("membre={}", payer.member),
    }
}

/// The printed figures beside the sums of the shares.
pub(in crate::web) fn proofs(o: &Overview) -> Result<Vec<Proof>, Error> {
    let mut sums = shares::sums(o, &cells(o)?)?;
    let all = Cents::checked_sum(sums.iter().copied())?;
    sums.push(all);
    let printed = o.invoice.lines.iter().map(|line| line.net);
    let printed = printed.chain(o.invoice.taxes.iter().map(|tax| tax.amount));
    let labels = heads(o).into_iter().chain(["Total TTC".to_owned()]);
    let printed = printed.chain([o.invoice.printed.gross]);
    let count = o.paying();
    let proof = |((label, printed), shares): ((String, Cents), Cents)| {
        let gap = printed.checked_sub(shares)?;
        Ok(Proof {
            label,
            printed_name: "Facture".to_owned(),
            printed: french::euros(printed),
            shares_name: format!("{count}{NBSP}quotes-parts"),
            shares: french::euros(shares),
            gap: french::euros(gap),
            exact: gap.is_zero(),
        })
    };
    labels.zip(printed).zip(sums).map(proof).collect()
}

/// The first figures of a hash, in groups of four.
fn short(hash: &str) -> String {
    let kept: Vec<char> = hash.chars().take(16).collect();
    let groups = kept.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}
