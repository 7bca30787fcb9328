//! What a statement changes of the one before, and what follows: ready to print.
use domain::{french, money::Cents};

use crate::{
    actions::purchasing::statements::Complete, exchange::statements::label,
    wording::correction::next,
};

/// « Ce qui change »: previous, new and difference.
pub(super) struct Correcting {
    /// The statement before, for a link.
    pub replaces: Option<(String, String)>,
    pub rows: Vec<Row>,
    pub total: Row,
    /// Why the invoice was split again.
    pub motive: Option<String>,
}

/// One share before and after.
pub(super) struct Row {
    pub label: String,
    pub previous: Cents,
    pub new: Cents,
    /// With its sign: « +12,00 € ».
    pub difference: String,
}

/// The comparison, on every run but the first.
pub(super) fn correcting(s: &Complete) -> Option<Correcting> {
    let change = s.change.as_ref()?;
    let row = |label: String, previous, new, difference| Row {
        label,
        previous,
        new,
        difference: signed(difference),
    };
    let rows = change.rows.iter();
    let rows = rows.map(|moved| {
        let label = label(&moved.part);
        row(label, moved.previous, moved.new, moved.difference)
    });
    let (before, now) = (change.previous.gross, s.statement.total.gross);
    let replaces = change.replaces.as_ref();
    Some(Correcting {
        replaces: replaces.map(|one| (format!("/decomptes/{}", one.id), one.number.clone())),
        rows: rows.collect(),
        total: row("Total TTC".to_owned(), before, now, change.difference.gross),
        motive: s.run.run.motive.clone(),
    })
}

/// What follows for the member, one sentence each.
pub(super) fn following(s: &Complete) -> Vec<String> {
    s.next.iter().map(next).collect()
}

/// « Remplacé par le décompte n° 2026-0413-058. »
pub(super) fn replaced(s: &Complete) -> Option<(String, String)> {
    let by = s.replaced_by.as_ref()?;
    Some((format!("/decomptes/{}", by.id), by.number.clone()))
}

fn signed(cents: Cents) -> String {
    let said = french::euros(cents);
    if cents > Cents::ZERO {
        format!("+{said}")
    } else {
        said
    }
}
