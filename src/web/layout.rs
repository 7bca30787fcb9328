//! The frame of every page: who looks, where they are, where they can go.
use axum::http::{HeaderMap, header};
use uuid::Uuid;

use super::menu::Menu;
pub use super::menu::{Counts, NavEntry, NavGroup, Places};

/// Everything that `templates/layout.html` draws around a page.
///
/// Build it with [`Shell::for_purchaser`] or [`Shell::for_member`], then name the place:
/// `shell.titled("Extincteurs 2026").crumb("Campagnes", "/campagnes")`.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Title of the page, in the browser's tab.
    pub title: String,
    /// Who is acted for.
    pub organisation_name: String,
    /// In what capacity: « Coordonnateur », « Membre du groupement ».
    pub organisation_role: String,
    /// Every organisation of the user; the switcher hides when there is one.
    pub organisations: Vec<Switch>,
    /// The signed-in person.
    pub user_name: String,
    /// Two letters for the avatar.
    pub initials: String,
    /// The side menu.
    pub nav: Vec<NavGroup>,
    /// The bar under the thumb on small screens: at most three, then the menu.
    pub quick: Vec<NavEntry>,
    /// The way back, from the widest; the current page is added from its title.
    pub crumbs: Vec<Crumb>,
    /// What has just been done.
    pub flash: Option<Flash>,
    /// Whether the database is a demonstration.
    pub demo: bool,
    /// Whom to call: « Service achats, 03 53 01 40 12 ».
    pub support: String,
    /// Light or dark, when the user chose.
    pub theme: Option<Theme>,
}

/// An organisation one may act for.
#[derive(Clone, Debug)]
pub struct Switch {
    /// Its identifier, posted to `/organisme`.
    pub id: Uuid,
    /// Its name, with what tells it from its homonyms.
    pub name: String,
    /// Whether it is the one acted for now.
    pub current: bool,
}

/// One step of the way back.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it is; nothing for a step that is not a page.
    pub href: Option<String>,
}

/// What has just been done, said once on the next page (« message »).
#[derive(Clone, Debug)]
pub struct Flash {
    /// Its tone.
    pub kind: FlashKind,
    /// A sentence.
    pub text: String,
    /// The way back, when there is one: the message is then a toast with « Annuler ».
    pub undo: Option<Undo>,
}

/// The tone of a [`Flash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    /// Done.
    Done,
    /// Done, but something must be known.
    Warning,
}

impl FlashKind {
    /// The class of its message.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Warning => "warn",
        }
    }
}

/// How to take back what was just done: a form posted to `action`.
#[derive(Clone, Debug)]
pub struct Undo {
    /// Where.
    pub action: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// Light or dark, as the user chose (the system decides otherwise).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// « Clair ».
    Light,
    /// « Sombre ».
    Dark,
}

impl Theme {
    /// The theme kept in the `theme` cookie, which the page's script writes.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok());
        let value = cookies
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix("theme=").map(str::to_owned))?;
        match value.as_str() {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The value of `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Who is looking at the page, as plain data.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    /// See [`Shell::organisation_name`].
    pub organisation_name: String,
    /// See [`Shell::organisation_role`].
    pub organisation_role: String,
    /// Every organisation the person may act for.
    pub organisations: Vec<Switch>,
    /// The person.
    pub user_name: String,
    /// What the person may open.
    pub places: Places,
    /// See [`Shell::demo`].
    pub demo: bool,
    /// See [`Shell::support`].
    pub support: String,
    /// See [`Shell::theme`].
    pub theme: Option<Theme>,
}

impl Shell {
    /// The frame of a coordinator's purchasing officer; `path` tells where we are.
    pub fn for_purchaser(viewer: Viewer, counts: Counts, path: &str) -> Self {
        let menu = Menu::of_purchaser(viewer.places, counts);
        Self::framed(viewer, menu, path)
    }

    /// The frame of a member's agent or elected official; `organisation` is the member.
    pub fn for_member(viewer: Viewer, counts: Counts, organisation: Uuid, path: &str) -> Self {
        let menu = Menu::of_member(viewer.places, counts, organisation);
        Self::framed(viewer, menu, path)
    }

    /// Names the page.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a step to the way back, from the widest to the nearest.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb {
            label: label.into(),
            href: Some(href.into()),
        });
        self
    }

    /// Says what has just been done.
    #[must_use]
    pub fn flash(mut self, flash: Option<Flash>) -> Self {
        self.flash = flash;
        self
    }

    fn framed(viewer: Viewer, mut menu: Menu, path: &str) -> Self {
        menu.mark(path);
        Self {
            initials: initials(&viewer.user_name),
            organisation_name: viewer.organisation_name,
            organisation_role: viewer.organisation_role,
            organisations: viewer.organisations,
            user_name: viewer.user_name,
            nav: menu.nav,
            quick: menu.quick,
            demo: viewer.demo,
            support: viewer.support,
            theme: viewer.theme,
            ..Self::default()
        }
    }
}

/// The first letters of the first and last words: « Service achats » gives SA.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name
        .split([' ', '-', '\u{a0}'])
        .filter(|word| !word.is_empty())
        .collect();
    let letter = |word: Option<&&str>| word.and_then(|word| word.chars().next());
    let first = letter(words.first());
    let last = if words.len() > 1 {
        letter(words.last())
    } else {
        None
    };
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_its_initials() {
        assert_eq!(initials("Service achats"), "SA");
        assert_eq!(initials("élodie Vanhoutte-Delmas"), "ÉD");
        assert_eq!(initials("Mairie"), "M");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn the_chosen_theme_is_read_from_its_cookie() {
        let mut headers = HeaderMap::new();
        assert_eq!(Theme::of(&headers), None);
        headers.insert(header::COOKIE, "id=abc; theme=dark".parse().unwrap());
        assert_eq!(Theme::of(&headers), Some(Theme::Dark));
        headers.insert(header::COOKIE, "theme=<script>".parse().unwrap());
        assert_eq!(Theme::of(&headers), None);
    }
}
