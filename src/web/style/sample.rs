//! What the page of components shows: invented amounts, real places.
use chrono::NaiveDate;

use super::super::{
    components::{
        Bar, BarChart, Choice, ColumnChart, DateBlock, Explanation, Gauge, Party, Proof, Reason,
        Step, SumLine, Threshold, Todo, Twin, Typed,
    },
    layout::{Counts, Places, Shell, Switch, Theme, Viewer},
};

/// One row of the sample needs grid.
pub(super) struct GridRow {
    pub reference: &'static str,
    pub article: &'static str,
    pub unit: &'static str,
    pub price: &'static str,
    pub price_micros: i64,
    pub last_year: &'static str,
    pub firm: &'static str,
    pub most: &'static str,
    pub amount: &'static str,
    pub error: &'static str,
}

pub(super) fn shell(theme: Option<Theme>) -> Shell {
    let switch = |name: &str, current| Switch {
        id: uuid::Uuid::nil(),
        name: name.into(),
        current,
    };
    let viewer = Viewer {
        organisation_name: "Métropole Européenne de Lille".into(),
        organisation_role: "Coordonnateur".into(),
        organisations: vec![
            switch("Métropole Européenne de Lille", true),
            switch("Syndicat mixte d’énergie", false),
        ],
        user_name: "Service achats".into(),
        places: Places {
            users: true,
            statements: true,
            journal: true,
        },
        demo: true,
        support: "Service achats, 03 53 01 40 12".into(),
        theme,
    };
    Shell::for_purchaser(viewer, Counts { due: 7, rounds: 3 }, "/style")
        .titled("Composants")
        .crumb("Aide et lexique", "/aide")
}

pub(super) fn form() -> Typed {
    let mut form = Typed::of([
        ("titre", "Extincteurs 2026"),
        ("date_limite", "18/05/2026 17:00"),
        ("siret", "200 093 201 00108"),
        ("regime", "c"),
        ("colonnes", "maximum"),
    ]);
    form.refuse(
        "date_limite",
        "Date limite : le 18 mai est passé. Choisissez une date à partir du 20 mai.",
    );
    form.refuse(
        "siret",
        "SIRET : le dernier chiffre ne correspond pas. Recopiez les 14 chiffres de la facture.",
    );
    form
}

pub(super) fn regimes() -> Vec<Choice> {
    vec![
        Choice::new("c", "Le coordonnateur paie et répartit"),
        Choice::new("b", "Chaque commune paie ses factures"),
    ]
}

pub(super) fn columns() -> Vec<Choice> {
    vec![
        Choice::new("maximum", "une quantité possible, jusqu’à…"),
        Choice::new("commentaire", "un commentaire par ligne").hint("200 caractères au plus"),
    ]
}

pub(super) fn grid() -> Vec<GridRow> {
    let row =
        |reference, article, unit, price, price_micros, last_year, firm, most, amount| GridRow {
            reference,
            article,
            unit,
            price,
            price_micros,
            last_year,
            firm,
            most,
            amount,
            error: "",
        };
    let water = "Extincteur à eau avec additif, 6 L";
    let refused = GridRow {
        error: "« 4,5 » n’est pas un nombre entier d’appareils. Saisissez 4 ou 5.",
        ..row(
            "2.1",
            water,
            "appareil",
            "54,60 €",
            54_600_000,
            "3",
            "4,5",
            "",
            "—",
        )
    };
    let powder = "Extincteur à poudre, 6 kg";
    let carbon = "Extincteur au CO₂, 2 kg";
    let panel = "Panneau de signalisation";
    vec![
        refused,
        row(
            "2.2",
            powder,
            "appareil",
            "47,90 €",
            47_900_000,
            "1",
            "1",
            "",
            "47,90 €",
        ),
        row(
            "2.3",
            carbon,
            "appareil",
            "66,40 €",
            66_400_000,
            "2",
            "2",
            "3",
            "132,80 €",
        ),
        row(
            "2.4",
            "Support mural",
            "unité",
            "4,15 €",
            4_150_000,
            "4",
            "4",
            "",
            "16,60 €",
        ),
        row("2.5", panel, "unité", "4,70 €", 4_700_000, "5", "", "", "—"),
    ]
}

pub(super) fn todos() -> Vec<Todo> {
    let today = day(5, 19);
    let todo = |date, title: &str, detail: &str, action: &str| Todo {
        date: Some(DateBlock::new(date, today)),
        title: title.into(),
        href: "#afaire".into(),
        detail: detail.into(),
        sum: String::new(),
        sum_note: String::new(),
        action: action.into(),
        primary: false,
    };
    let late = todo(
        day(5, 15),
        "Corriger 2 adresses refusées",
        "Les décomptes de Wicres et du Maisnil n’ont pas pu être remis : boîte inconnue. \
         Le second contact de chaque mairie est proposé.",
        "Corriger",
    );
    let pay = Todo {
        sum: "58 356,00 €".into(),
        sum_note: "TTC".into(),
        primary: true,
        ..todo(
            day(5, 21),
            "Payer la facture F-26-0412",
            "Plateforme des actes et marchés, reçue le 21 avril. \
             Répartie entre 95 communes, total exact.",
            "Voir la facture",
        )
    };
    let meeting = Todo {
        sum: "412 360,00 €".into(),
        sum_note: "HT, maximum".into(),
        ..todo(
            day(5, 28),
            "Préparer la commission d’appel d’offres",
            "Fournitures de bureau, lots 1 et 3 : 5 offres à enregistrer, économie à calculer.",
            "Préparer",
        )
    };
    vec![late, pay, meeting]
}

pub(super) fn proofs() -> Vec<Proof> {
    let proof = |label: &str, amount: &str| Proof {
        label: label.into(),
        printed_name: "Facture".into(),
        printed: amount.into(),
        shares_name: "95 quotes-parts".into(),
        shares: amount.into(),
        gap: "0,00 €".into(),
        exact: true,
    };
    vec![
        proof("Abonnement HT", "36 480,00 €"),
        proof("Formation HT", "12 150,00 €"),
        proof("TVA 20 %, telle qu’imprimée", "9 726,00 €"),
        proof("Total TTC", "58 356,00 €"),
    ]
}

pub(super) fn explanation() -> Explanation {
    let lines = vec![
        SumLine::new("Part égale, abonnement", "", "115,200000"),
        SumLine::new("Part population", "", "35,137557"),
        SumLine::new("Abonnement, exact", "", "150,337557").ruled("total"),
        SumLine::new("Abonnement, arrondi", "rang 22 sur 44 centimes", "150,34 €"),
        SumLine::new("Formation", "exact 127,8947", "127,89 €"),
        SumLine::new("TVA 20 %", "exact 55,6465", "55,65 €"),
        SumLine::new("À payer, TTC", "", "333,88 €").ruled("final"),
    ];
    let rule = Reason {
        title: "La règle votée".into(),
        text: "Abonnement : 30 % à parts égales, 70 % selon la population. \
               Formation : à parts égales."
            .into(),
        source: "Convention, article 7, version 2 du 9 février 2026".into(),
        ..Reason::default()
    };
    let share = Reason {
        title: "La part exacte, puis le centime".into(),
        lines,
        after: "Sur l’abonnement, il restait 44 centimes après les parts entières. Ils vont aux \
                communes auxquelles il était dû le plus : Anstaing arrivait 22ᵉ (0,756 centime \
                dû) et en reçoit un."
            .into(),
        ..Reason::default()
    };
    let check = Reason {
        title: "Le contrôle".into(),
        text: "Écart avec la part exacte sur toute la facture : 0,125 centime. \
               Il est toujours inférieur à un centime."
            .into(),
        ..Reason::default()
    };
    Explanation {
        subject: "Anstaing · 333,88 € TTC".into(),
        close: "#preuves".into(),
        reasons: vec![rule, share, check],
    }
}

pub(super) fn gauge() -> Gauge {
    let threshold = |cents, text: &str, limit| Threshold {
        cents,
        text: text.into(),
        limit,
    };
    let limits = [
        threshold(6_000_000, "60 000 €", false),
        threshold(9_000_000, "90 000 € publicité", false),
        threshold(21_600_000, "216 000 € formalisée", true),
    ];
    let sentence = "196 823,75 € HT déclarés, 224 725,35 € HT attendus avec les 18 communes \
                    manquantes, pour un seuil de 216 000 € HT";
    Gauge::new(19_682_375, 22_472_535, &limits, sentence.into())
}

pub(super) fn invoice_steps() -> Vec<Step> {
    vec![
        Step::done("Reçue", "21 avril"),
        Step::done("Contrôlée", "24 avril"),
        Step::current("Répartie", "6 mai"),
        Step::ahead("Titres émis", "à venir"),
    ]
}

pub(super) fn shares() -> BarChart {
    let figures = [
        ("Lille", 510_478, "5 104,78 €", "5 219,98 €"),
        ("Roubaix", 212_808, "2 128,08 €", "2 243,28 €"),
        ("Villeneuve-d’Ascq", 133_326, "1 333,26 €", "1 448,46 €"),
        ("Les 91 autres, en moyenne", 18_124, "181,24 €", "296,44 €"),
        ("Anstaing", 3_514, "35,14 €", "150,34 €"),
    ];
    let bars = figures.iter().map(|(name, part, _, total)| Bar {
        label: (*name).into(),
        value: (*total).into(),
        parts: vec![11_520, *part],
    });
    let rows = figures
        .iter()
        .map(|(name, _, part, total)| [name, "115,20 €", part, total].map(str::to_owned).into());
    let heads = ["Commune", "Part égale", "Part population", "HT"];
    let twin = Twin {
        heads: heads.map(str::to_owned).into(),
        rows: rows.collect(),
    };
    BarChart::new(
        "parts",
        "Abonnement HT : part égale et part population",
        bars.collect(),
        twin,
    )
    .described("Chaque commune paie la même part égale, 115,20 €.")
    .keyed(["30 % à parts égales", "70 % selon la population"])
}

pub(super) fn days() -> ColumnChart {
    let figures = [
        (4, 6),
        (5, 9),
        (6, 4),
        (7, 7),
        (11, 8),
        (12, 5),
        (13, 17),
        (14, 0),
        (15, 10),
        (18, 8),
        (19, 3),
    ];
    let columns: Vec<_> = figures
        .iter()
        .map(|(day, count)| (day.to_string(), *count))
        .collect();
    let rows = columns
        .iter()
        .map(|(day, count)| vec![day.clone(), count.to_string()])
        .collect();
    let twin = Twin {
        heads: vec!["Jour de mai".into(), "Réponses".into()],
        rows,
    };
    ColumnChart::new("jours", "Réponses reçues par jour ouvré", &columns, twin).described(
        "77 réponses du 4 au 19 mai ; le plus fort jour est le 13 mai, avec 17 réponses.",
    )
}

pub(super) fn issuer() -> Party {
    Party {
        name: "Métropole Européenne de Lille".into(),
        lines: vec![
            "Service achats, coordonnateur du groupement".into(),
            "2 boulevard des Cités-Unies, 59040 Lille Cedex".into(),
        ],
        siret: "200 093 201 00107".into(),
    }
}

pub(super) fn addressee() -> Party {
    Party {
        name: "Commune d’Anstaing".into(),
        lines: vec!["Budget principal".into(), "Mairie, 59152 Anstaing".into()],
        siret: "215 900 135 00108".into(),
    }
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default()
}
