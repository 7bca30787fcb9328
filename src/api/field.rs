//! Values of a JSON body, read with every problem at once.
use domain::{
    field::{FieldProblem, Gathering},
    text,
};

/// A required choice among codes.
pub fn choice<T>(
    gathering: &mut Gathering,
    name: &str,
    typed: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let read = parse(typed).ok_or_else(|| FieldProblem::not_one_of(typed));
    gathering.read(name, typed, read)
}

/// A required line of text.
pub fn line(
    gathering: &mut Gathering,
    name: &str,
    typed: &str,
    chars_max: usize,
) -> Option<String> {
    gathering.read(name, typed, text::clean(typed, chars_max))
}

/// Optional lines of text; absent and empty are the same.
pub fn lines_optional(
    gathering: &mut Gathering,
    name: &str,
    typed: Option<&str>,
    chars_max: usize,
) -> Option<Option<String>> {
    gathering.read_optional(name, typed.unwrap_or(""), |typed| {
        text::clean_lines(typed, chars_max)
    })
}
