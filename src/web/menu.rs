//! The side menu and the bar under the thumb, for each way of using the service.
use uuid::Uuid;

/// A titled part of the side menu; the first has no title.
#[derive(Clone, Debug)]
pub struct NavGroup {
    /// « Achats groupés ».
    pub title: &'static str,
    /// Its entries.
    pub entries: Vec<NavEntry>,
}

/// One place to go.
#[derive(Clone, Debug)]
pub struct NavEntry {
    /// What it is called.
    pub label: &'static str,
    /// Where it is.
    pub href: String,
    /// Its drawing in `assets/icons.svg`.
    pub icon: &'static str,
    /// How many things wait there.
    pub count: Option<u32>,
    /// Whether they have a deadline.
    pub due: bool,
    /// Other places that belong to it.
    pub with: &'static [&'static str],
    /// Whether we are in it.
    pub current: bool,
}

/// What waits, for the figures of the side menu.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Things to do.
    pub due: u32,
    /// Open rounds.
    pub rounds: u32,
}

/// What the person may open of the places that not every role sees.
#[derive(Clone, Copy, Debug, Default)]
pub struct Places {
    /// The users of the organisation.
    pub users: bool,
    /// Its statements.
    pub statements: bool,
    /// Its history.
    pub journal: bool,
}

/// Where one can go.
#[derive(Clone, Debug)]
pub(super) struct Menu {
    pub nav: Vec<NavGroup>,
    pub quick: Vec<NavEntry>,
}

impl Menu {
    /// Coordinates: launches rounds, holds contracts, splits invoices.
    pub fn of_purchaser(places: Places, counts: Counts) -> Self {
        let purchasing = vec![
            entry("Groupements", "/groupements", "group"),
            entry("Campagnes", "/campagnes", "round").counting(counts.rounds),
            entry("Marchés", "/marches", "contract").with(&["/consultations"]),
            entry("Fournisseurs", "/fournisseurs", "supplier"),
            entry("Factures et répartitions", "/factures", "split").with(&[
                "/decomptes",
                "/titres",
                "/regularisations",
            ]),
        ];
        let administration =
            administration(entry("Collectivités", "/collectivites", "town"), places);
        let nav = vec![
            NavGroup {
                title: "",
                entries: vec![due(counts)],
            },
            NavGroup {
                title: "Achats groupés",
                entries: purchasing,
            },
            NavGroup {
                title: "Administration",
                entries: administration,
            },
        ];
        let quick = vec![
            due(Counts::default()),
            entry("Campagnes", "/campagnes", "round"),
            entry("Factures", "/factures", "split").with(&[
                "/decomptes",
                "/titres",
                "/regularisations",
            ]),
        ];
        Self { nav, quick }
    }

    /// Declares needs, approves them, reads what is owed.
    pub fn of_member(places: Places, counts: Counts, organisation: Uuid) -> Self {
        let mut purchasing = vec![
            entry("Mes besoins", "/campagnes", "round").counting(counts.rounds),
            entry("Nos groupements", "/groupements", "group"),
        ];
        if places.statements {
            purchasing.push(entry("Ce que nous payons", "/decomptes", "euro").with(&["/cloture"]));
        }
        let home = format!("/collectivites/{organisation}");
        let commune = administration(entry("Coordonnées et sites", home, "town"), places);
        let nav = vec![
            NavGroup {
                title: "",
                entries: vec![due(counts)],
            },
            NavGroup {
                title: "Achats groupés",
                entries: purchasing,
            },
            NavGroup {
                title: "Notre collectivité",
                entries: commune,
            },
        ];
        let mut quick = vec![
            due(Counts::default()),
            entry("Mes besoins", "/campagnes", "round"),
        ];
        if places.statements {
            quick.push(entry("Nos décomptes", "/decomptes", "euro"));
        }
        Self { nav, quick }
    }

    /// Marks the entries under which `path` is.
    pub fn mark(&mut self, path: &str) {
        let entries = self
            .nav
            .iter_mut()
            .flat_map(|group| group.entries.iter_mut());
        entries
            .chain(self.quick.iter_mut())
            .for_each(|entry| entry.mark(path));
    }
}

impl NavEntry {
    fn counting(mut self, count: u32) -> Self {
        self.count = (count > 0).then_some(count);
        self
    }

    fn with(mut self, places: &'static [&'static str]) -> Self {
        self.with = places;
        self
    }

    fn mark(&mut self, path: &str) {
        let is_under = |place: &str| match path.strip_prefix(place) {
            Some("") => true,
            Some(rest) => place != "/" && rest.starts_with('/'),
            None => false,
        };
        self.current = is_under(&self.href) || self.with.iter().any(|place| is_under(place));
    }
}

fn entry(label: &'static str, href: impl Into<String>, icon: &'static str) -> NavEntry {
    NavEntry {
        label,
        href: href.into(),
        icon,
        count: None,
        due: false,
        with: &[],
        current: false,
    }
}

fn administration(first: NavEntry, places: Places) -> Vec<NavEntry> {
    let mut entries = vec![first];
    if places.users {
        entries.push(entry("Utilisateurs", "/utilisateurs", "person"));
    }
    if places.journal {
        entries.push(entry("Historique", "/historique", "history"));
    }
    entries
}

fn due(counts: Counts) -> NavEntry {
    NavEntry {
        due: true,
        ..entry("À faire", "/", "todo")
    }
    .counting(counts.due)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Places = Places {
        users: true,
        statements: true,
        journal: true,
    };

    fn currents(path: &str) -> Vec<&'static str> {
        let mut menu = Menu::of_purchaser(ALL, Counts::default());
        menu.mark(path);
        let entries = menu.nav.iter().flat_map(|group| &group.entries);
        entries
            .filter(|entry| entry.current)
            .map(|entry| entry.label)
            .collect()
    }

    #[test]
    fn the_menu_shows_where_we_are_and_only_there() {
        assert_eq!(currents("/"), ["À faire"]);
        assert_eq!(currents("/campagnes/42/besoins"), ["Campagnes"]);
        assert_eq!(currents("/decomptes/42"), ["Factures et répartitions"]);
        assert!(currents("/campagnesx").is_empty());
        assert!(currents("/profil").is_empty());
    }

    #[test]
    fn nobody_is_shown_a_place_that_they_may_not_open() {
        let shows = |places, href| {
            let menu = Menu::of_member(places, Counts::default(), Uuid::nil());
            menu.nav
                .iter()
                .flat_map(|g| &g.entries)
                .any(|entry| entry.href == href)
        };
        for href in ["/utilisateurs", "/decomptes", "/historique"] {
            assert!(shows(ALL, href) && !shows(Places::default(), href));
        }
    }
}
