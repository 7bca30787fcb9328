//! Long tables: in which order, and which page of them.

/// The order of a table, asked by links in its head (`?tri=nom&ordre=desc`).
#[derive(Clone, Debug)]
pub struct Sort {
    by: String,
    descending: bool,
    kept: String,
}

impl Sort {
    /// The order in force; `kept` is the rest of the query, already encoded (`q=sel&etat=ouverte`).
    pub fn new(by: impl Into<String>, descending: bool, kept: impl Into<String>) -> Self {
        Self {
            by: by.into(),
            descending,
            kept: kept.into(),
        }
    }

    /// Whether the table is in the order of this column.
    pub fn is_by(&self, column: &str) -> bool {
        self.by == column
    }

    /// The `aria-sort` of the column in force.
    pub fn aria(&self) -> &'static str {
        if self.descending {
            "descending"
        } else {
            "ascending"
        }
    }

    /// Where the head of a column leads: its order, or the reverse when it is in force.
    pub fn href(&self, column: &str) -> String {
        let reverse = self.is_by(column) && !self.descending;
        let order = if reverse { "&ordre=desc" } else { "" };
        format!("?{}tri={column}{order}", prefix(&self.kept))
    }
}

/// Which lines of a long list a page shows, and the links to the others.
#[derive(Clone, Debug)]
pub struct Pages {
    /// Place of the first line shown, from 1.
    pub first: u32,
    /// Place of the last line shown.
    pub last: u32,
    /// How many lines there are in all.
    pub total: u32,
    /// Numbered pages: the ends, and those around the current one. `None` stands for a gap.
    pub links: Vec<Option<PageLink>>,
    /// The page before, when there is one.
    pub previous: Option<String>,
    /// The page after, when there is one.
    pub next: Option<String>,
}

/// A link to one page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLink {
    /// Its number, from 1.
    pub number: u32,
    /// Where it is.
    pub href: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// The page of a list that an address asks for: from 1, the first when it asks for none.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    number: u32,
    per_page: u32,
}

impl Turn {
    /// The page asked for, of so many lines.
    pub fn of(asked: Option<u32>, per_page: u32) -> Self {
        Self {
            number: asked.unwrap_or(1).max(1),
            per_page,
        }
    }

    /// Lines on the pages before.
    pub fn skip(self) -> u64 {
        u64::from(self.number - 1) * u64::from(self.per_page)
    }

    /// Lines of the page.
    pub fn rows(self) -> u64 {
        u64::from(self.per_page)
    }

    /// The links under a list of `total` lines; `kept` is the rest of the query, encoded.
    pub fn pages(self, total: u64, kept: &str) -> Pages {
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        Pages::new(self.number, self.per_page, total, kept)
    }
}

impl Pages {
    /// The page `number` (from 1) of `total` lines; `kept` is the rest of the query, encoded.
    pub fn new(number: u32, per_page: u32, total: u32, kept: &str) -> Self {
        let per_page = per_page.max(1);
        let count = total.div_ceil(per_page).max(1);
        let number = number.clamp(1, count);
        let href = |page: u32| format!("?{}page={page}", prefix(kept));
        let mut links: Vec<Option<PageLink>> = Vec::new();
        let mut before = 0;
        for page in
            (1..=count).filter(|page| *page == 1 || *page == count || page.abs_diff(number) <= 1)
        {
            if page > before + 1 {
                links.push(None);
            }
            links.push(Some(PageLink {
                number: page,
                href: href(page),
                current: page == number,
            }));
            before = page;
        }
        Self {
            first: if total == 0 {
                0
            } else {
                (number - 1) * per_page + 1
            },
            last: total.min(number.saturating_mul(per_page)),
            total,
            links,
            previous: (number > 1).then(|| href(number - 1)),
            next: (number < count).then(|| href(number + 1)),
        }
    }

    /// Whether everything fits on one page, so that no link is needed.
    pub fn is_alone(&self) -> bool {
        self.previous.is_none() && self.next.is_none()
    }
}

fn prefix(kept: &str) -> String {
    if kept.is_empty() {
        String::new()
    } else {
        format!("{kept}&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_the_current_column_reverses_the_order() {
        let sort = Sort::new("nom", false, "q=sel");
        assert_eq!(sort.href("nom"), "?q=sel&tri=nom&ordre=desc");
        assert_eq!(sort.href("ttc"), "?q=sel&tri=ttc");
        assert_eq!(Sort::new("nom", true, "").href("nom"), "?tri=nom");
    }

    #[test]
    fn a_long_list_shows_its_ends_and_the_pages_around() {
        let pages = Pages::new(6, 25, 312, "");
        let numbers: Vec<_> = pages
            .links
            .iter()
            .map(|l| l.as_ref().map(|l| l.number))
            .collect();
        assert_eq!(
            numbers,
            [Some(1), None, Some(5), Some(6), Some(7), None, Some(13)]
        );
        assert_eq!((pages.first, pages.last), (126, 150));
        assert_eq!(pages.next.as_deref(), Some("?page=7"));
    }

    #[test]
    fn an_empty_list_and_a_page_beyond_the_end_stay_calm() {
        let empty = Pages::new(1, 25, 0, "");
        assert!(empty.is_alone() && empty.first == 0 && empty.last == 0);
        assert_eq!(Pages::new(99, 25, 30, "").first, 26);
    }
}
