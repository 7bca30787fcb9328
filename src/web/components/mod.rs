//! What the macros of `templates/components/` draw: values ready to print, nothing to compute.
//!
//! One file here for one file there. A page builds these from its own data and hands them to the
//! macro of the same name; everything simple enough (a button, a badge) has no struct at all.
mod chart;
mod form;
mod life;
mod paper;
mod percent;
mod table;
mod todo;

pub use chart::{Bar, BarChart, ColumnChart, Twin};
pub use form::{Choice, Typed};
pub use life::{Explanation, Gauge, Proof, Reason, Step, SumLine, Threshold, Track};
pub use paper::Party;
pub use percent::Percent;
pub use table::{Pages, Sort, Turn};
pub use todo::{DateBlock, Todo};

/// The class of a button of this kind, for `templates/components/button.html`.
pub fn button_class(kind: &str) -> &'static str {
    match kind {
        "primary" => " btn--primary",
        "quiet" => " btn--quiet",
        "danger" => " btn--danger",
        "solid" => " btn--danger btn--solid",
        _ => "",
    }
}

/// The drawing of a note of this tone, for `templates/components/message.html`.
pub fn note_icon(tone: &str) -> &'static str {
    match tone {
        "ok" => "check",
        "warn" | "bad" => "warn",
        _ => "info",
    }
}
