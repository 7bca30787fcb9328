//! One task as the page says it: a verb, a reason, a place, a gesture.
use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::french;

use super::{groupings, money, people, procedures, rounds};
use crate::{
    actions::todo::{Due, Kind, Task},
    web::{
        components::{DateBlock, Todo},
        format::{day_time_in, local},
    },
};

/// What is said of a task, without its date nor its sum.
pub(super) struct Said {
    /// What, as a verb.
    pub title: String,
    /// Why, in a sentence.
    pub detail: String,
    /// Where it is done.
    pub href: String,
    /// The one gesture.
    pub action: &'static str,
    /// What the sum is.
    pub sum_note: &'static str,
}

/// The clocks and the day of who looks, and whether they act for several organisations.
#[derive(Clone, Copy)]
pub(super) struct Viewer {
    pub zone: Tz,
    pub today: NaiveDate,
    pub several: bool,
}

impl Said {
    pub fn new(title: String, detail: String, href: String, action: &'static str) -> Self {
        Self {
            title,
            detail,
            href,
            action,
            sum_note: "",
        }
    }

    pub fn noting(mut self, sum_note: &'static str) -> Self {
        self.sum_note = sum_note;
        self
    }
}

/// The day of a task, and how it is shown.
pub(super) fn drawn(task: &Task, viewer: Viewer) -> (Option<NaiveDate>, Todo) {
    let said = said(task, viewer);
    let day = day(task, viewer.zone);
    let todo = Todo {
        date: day.map(|day| DateBlock::new(day, viewer.today)),
        title: said.title,
        href: said.href,
        detail: said.detail,
        sum: task.amount.map_or_else(String::new, french::euros),
        sum_note: said.sum_note.to_owned(),
        action: said.action.to_owned(),
        primary: false,
    };
    (day, todo)
}

fn said(task: &Task, viewer: Viewer) -> Said {
    match task.kind {
        Kind::Declare => rounds::declare(task, viewer),
        Kind::Transmit => rounds::transmit(task, viewer),
        Kind::Confirm => rounds::confirm(task, viewer),
        Kind::Correct => rounds::correct(task, viewer),
        Kind::Follow => rounds::follow(task, viewer),
        Kind::Reconfirm => rounds::reconfirm(task, viewer),
        Kind::Close => rounds::close(task, viewer),
        Kind::Prepare => rounds::prepare(task, viewer),
        Kind::Gather => groupings::gather(task),
        Kind::Answer => groupings::answer(task),
        Kind::JoinDecide => groupings::decide(task, viewer),
        Kind::JoinTransmit => groupings::transmit(task, viewer),
        Kind::JoinSign => groupings::sign(task, viewer),
        Kind::Launch => procedures::launch(task, viewer),
        Kind::Decide => procedures::decide(task, viewer),
        Kind::Contract => procedures::contract(task),
        Kind::Renew => procedures::renew(task, viewer),
        Kind::Split => money::split(task, viewer),
        Kind::Pay => money::pay(task),
        Kind::Issue => money::issue(task, viewer),
        Kind::GiveBack => money::give_back(task, viewer),
        Kind::ReadStatement => money::statement(task, viewer),
        Kind::ReadTitre => money::titre(task, viewer),
        Kind::Welcome => people::welcome(task),
        Kind::Reach => people::reach(task),
    }
}

/// What the other tasks of a kind are called, and the list where they are.
pub(super) fn elsewhere(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Declare | Kind::Transmit | Kind::Confirm => (
            "réponse à donner",
            "réponses à donner",
            "/campagnes?etat=open",
        ),
        Kind::Correct => (
            "réponse à revoir",
            "réponses à revoir",
            "/campagnes?etat=closed",
        ),
        Kind::Follow => (
            "campagne à suivre",
            "campagnes à suivre",
            "/campagnes?etat=open",
        ),
        Kind::Reconfirm => (
            "campagne à faire confirmer",
            "campagnes à faire confirmer",
            "/campagnes?etat=open",
        ),
        Kind::Close => (
            "campagne à clore",
            "campagnes à clore",
            "/campagnes?etat=open",
        ),
        Kind::Prepare => (
            "consultation à préparer",
            "consultations à préparer",
            "/campagnes?etat=closed",
        ),
        Kind::Gather => (
            "groupement à compléter",
            "groupements à compléter",
            "/groupements",
        ),
        Kind::Answer => ("demande de retrait", "demandes de retrait", "/groupements"),
        Kind::JoinDecide | Kind::JoinTransmit | Kind::JoinSign => (
            "adhésion à compléter",
            "adhésions à compléter",
            "/groupements",
        ),
        Kind::Launch => (
            "consultation à lancer",
            "consultations à lancer",
            "/consultations?etat=preparing",
        ),
        Kind::Decide => (
            "consultation à décider",
            "consultations à décider",
            "/consultations?etat=published",
        ),
        Kind::Contract => (
            "consultation sans marché",
            "consultations sans marché",
            "/consultations",
        ),
        Kind::Renew => ("marché à renouveler", "marchés à renouveler", "/marches"),
        Kind::Split => (
            "facture à répartir",
            "factures à répartir",
            "/factures?paiement=a_payer",
        ),
        Kind::Pay => (
            "facture à payer",
            "factures à payer",
            "/factures?etat=allocated&paiement=a_payer",
        ),
        Kind::Issue => (
            "titre à émettre",
            "titres à émettre",
            "/titres?etat=to_issue",
        ),
        Kind::GiveBack => (
            "régularisation à faire",
            "régularisations à faire",
            "/regularisations?etat=proposed",
        ),
        Kind::ReadStatement => ("décompte à lire", "décomptes à lire", "/decomptes"),
        Kind::ReadTitre => ("titre reçu", "titres reçus", "/decomptes"),
        Kind::Welcome | Kind::Reach => (
            "organisme à compléter",
            "organismes à compléter",
            "/collectivites",
        ),
    }
}

impl Viewer {
    /// Whether the day of a task has passed.
    pub fn is_late(self, task: &Task) -> bool {
        day(task, self.zone).is_some_and(|day| day < self.today)
    }
}

fn day(task: &Task, zone: Tz) -> Option<NaiveDate> {
    task.due.map(|due| match due {
        Due::On(day) => day,
        Due::At(instant) => local(instant, zone).date(),
    })
}

/// « 22 mai à 17 h 00 », or the day alone; nothing without a date.
pub(super) fn until(task: &Task, viewer: Viewer) -> String {
    match task.due {
        Some(Due::At(instant)) => day_time_in(instant, viewer.zone),
        Some(Due::On(day)) => french::day_month(day),
        None => String::new(),
    }
}

/// « pour Anstaing », to who acts for several organisations.
pub(super) fn of(task: &Task, viewer: Viewer) -> String {
    if viewer.several {
        format!(" pour {}", task.organisation_name)
    } else {
        String::new()
    }
}

/// How many, for the functions that agree nouns with figures.
pub(super) fn many(task: &Task) -> i64 {
    whole(task.many)
}

pub(super) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
