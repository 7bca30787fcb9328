//! A stream of XML that counts its depth.
use std::io::BufRead;

use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use super::error::ReadingError;
use super::sheet::Format;

/// What nests deeper was written to exhaust someone.
const DEPTH_MAX: u32 = 64;

/// The value of a repetition attribute, one when it is absent.
pub(super) fn repetitions(start: &BytesStart<'_>, name: &str) -> Result<u32, ReadingError> {
    let Some(text) = attribute(start, name)? else {
        return Ok(1);
    };
    match text.trim().parse() {
        Ok(repetitions) => Ok(repetitions),
        Err(error) => {
            let error: std::num::ParseIntError = error;
            Err(damaged(&format!("`{text}` repetitions: {error}")))
        }
    }
}

/// The value of an attribute, its entities resolved.
pub(super) fn attribute(
    start: &BytesStart<'_>,
    name: &str,
) -> Result<Option<String>, ReadingError> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| damaged(&error.to_string()))?;
        if attribute.key.as_ref() == name {
            let value = unescape(&attribute.value).map_err(|error| damaged(&error.to_string()))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// A stream of XML that knows how deep it is.
pub(super) struct Xml<R> {
    reader: quick_xml::Reader<R>,
    buffer: Vec<u8>,
    depth: u32,
}

/// What the callers care about.
pub(super) enum Token {
    Start(BytesStart<'static>),
    End,
    Text(String),
    Eof,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(source: R) -> Self {
        let mut reader = quick_xml::Reader::from_reader(source);
        // `<a/>` comes as a start and an end, so that depth is counted in one place.
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    pub(super) fn next_token(&mut self) -> Result<Token, ReadingError> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            return Ok(match event.map_err(|error| damaged(&error.to_string()))? {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return Err(damaged("its elements nest too deep"));
                    }
                    Token::Start(start.into_owned())
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Token::End
                }
                Event::Text(text) => Token::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Token::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(entity) => {
                    let known = resolve_xml_entity(&entity).map(str::to_owned);
                    let char_ref = || entity.resolve_char_ref().ok().flatten().map(String::from);
                    Token::Text(known.or_else(char_ref).unwrap_or_default())
                }
                Event::Eof => Token::Eof,
                Event::Empty(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_) => continue,
            });
        }
    }

    /// The next element, at any depth; `None` at the end of the document.
    pub(super) fn next_start(&mut self) -> Result<Option<BytesStart<'static>>, ReadingError> {
        loop {
            match self.next_token()? {
                Token::Start(start) => return Ok(Some(start)),
                Token::Eof => return Ok(None),
                Token::End | Token::Text(_) => {}
            }
        }
    }

    /// The next element inside the one that is at `depth`; `None` when that one ends.
    pub(super) fn next_start_within(
        &mut self,
        depth: u32,
    ) -> Result<Option<BytesStart<'static>>, ReadingError> {
        loop {
            match self.next_token()? {
                Token::Start(start) => return Ok(Some(start)),
                Token::End if self.depth < depth => return Ok(None),
                Token::Eof => return Err(damaged("it stops in the middle of a sheet")),
                Token::End | Token::Text(_) => {}
            }
        }
    }

    /// Passes over the element just begun.
    pub(super) fn skip(&mut self) -> Result<(), ReadingError> {
        let depth = self.depth;
        while self.next_start_within(depth)?.is_some() {}
        Ok(())
    }
}

pub(super) fn damaged(detail: &str) -> ReadingError {
    ReadingError::Damaged {
        format: Format::Ods,
        detail: detail.to_owned(),
    }
}
