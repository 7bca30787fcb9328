//! The page of components: each one once, with figures that look like the real ones.
mod sample;

use askama::Template;
use axum::{
    Router,
    http::HeaderMap,
    response::{Html, IntoResponse, Response},
    routing::get,
};

use super::{
    components::{
        BarChart, Choice, ColumnChart, Explanation, Gauge, Pages, Party, Percent, Proof, Sort,
        Step, Todo, Track, Typed,
    },
    layout::{Shell, Theme, Undo},
};

/// Serves `/style`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/style", get(show))
}

#[derive(Template)]
#[template(path = "style.html")]
struct StylePage {
    shell: Shell,
    form: Typed,
    regimes: Vec<Choice>,
    columns: Vec<Choice>,
    sort: Sort,
    pages: Pages,
    grid: Vec<sample::GridRow>,
    todos: Vec<Todo>,
    proofs: Vec<Proof>,
    why: Explanation,
    gauge: Gauge,
    answers: Track,
    invoice: Vec<Step>,
    import: Percent,
    undo: Undo,
    shares: BarChart,
    days: ColumnChart,
    issuer: Party,
    addressee: Party,
}

impl StylePage {
    fn new(theme: Option<Theme>) -> Self {
        Self {
            shell: sample::shell(theme),
            form: sample::form(),
            regimes: sample::regimes(),
            columns: sample::columns(),
            sort: Sort::new("marche", true, ""),
            pages: Pages::new(2, 25, 312, ""),
            grid: sample::grid(),
            todos: sample::todos(),
            proofs: sample::proofs(),
            why: sample::explanation(),
            gauge: sample::gauge(),
            answers: Track::of(&[68, 9, 7], 95),
            invoice: sample::invoice_steps(),
            import: Percent::of(14_200, 21_247),
            undo: Undo {
                action: "/style".to_owned(),
                fields: Vec::new(),
            },
            shares: sample::shares(),
            days: sample::days(),
            issuer: sample::issuer(),
            addressee: sample::addressee(),
        }
    }
}

async fn show(headers: HeaderMap) -> Response {
    match StylePage::new(Theme::of(&headers)).render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!("Could not draw the page of components: {error}");
            axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Names of the colours and what they are for, as the page shows them.
const SWATCHES: [(&str, &str); 13] = [
    ("fond", "--bg"),
    ("surface", "--surface"),
    ("surface creusée", "--surface-2"),
    ("filet", "--line"),
    ("contour", "--line-strong"),
    ("encre", "--ink"),
    ("encre seconde", "--ink-2"),
    ("marque, action", "--brand"),
    ("marque, seconde", "--brand-2"),
    ("fait", "--ok-solid"),
    ("bientôt", "--warn-solid"),
    ("retard, erreur", "--danger-solid"),
    ("focus", "--focus"),
];

/// Every drawing of the sprite.
fn icons() -> Vec<&'static str> {
    let sprite = include_str!("../../assets/icons.svg");
    sprite
        .split("id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_is_on_the_page() {
        let page = StylePage::new(None).render().unwrap();
        for class in [
            "btn--primary",
            "field--bad",
            "note--warn",
            "toast",
            "dialog",
            "badge--late",
            "steps",
            "progress",
            "gauge",
            "proofs",
            "why-panel",
            "chart",
            "twin",
            "paper",
            "empty",
            "todo",
            "date--soon",
            "pages",
            "tabs",
            "filters",
            "crumbs",
            "search",
            "sheet",
        ] {
            assert!(page.contains(class), "{class} is missing");
        }
    }

    #[test]
    fn typed_text_is_never_markup() {
        let mut page = StylePage::new(None);
        page.form = Typed::of([("titre", "<script>alert(1)</script>\"")]);
        assert!(!page.render().unwrap().contains("<script>alert"));
    }

    #[test]
    fn a_chosen_theme_is_drawn_at_once() {
        let page = StylePage::new(Some(Theme::Dark)).render().unwrap();
        assert!(page.contains(r#"<html lang="fr" data-theme="dark">"#));
    }
}
