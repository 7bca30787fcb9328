//! The attachments of objects as pages show them, and the form that adds one.
use domain::attachment::{AttachmentKind, Subject};

use super::super::{
    components::{Choice, Typed},
    format,
    session::{Person, form_encode},
};
use crate::{
    actions::{
        App, Error,
        attachments::{self, Attached},
    },
    wording,
};

/// The attachments of one object, for `templates/attachments/panel.html` on any page.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    pub rows: Vec<Row>,
    /// The page to come back to, when the viewer may remove what is listed.
    pub back: Option<String>,
    /// The form that adds one, when the viewer may.
    pub upload: Option<Upload>,
}

/// The form that adds an attachment.
#[derive(Clone, Debug)]
pub struct Upload {
    pub subject_kind: &'static str,
    pub subject_id: String,
    /// The page to come back to.
    pub back: String,
    pub kinds: Vec<Choice>,
    pub typed: Typed,
    pub hint: String,
    pub operation: String,
}

/// One attachment of a panel.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: String,
    pub label: String,
    pub kind: &'static str,
    pub about: String,
    pub who: String,
    pub at: String,
    pub operation: String,
}

impl Panel {
    /// The attachments of an object that the viewer may read; `back` is the page it is on.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn of(
        app: &App,
        person: &Person,
        subject: Subject,
        back: String,
    ) -> Result<Self, Error> {
        let pieces = attachments::list(app, &person.actor, subject).await?;
        Ok(Self {
            rows: pieces
                .list
                .into_iter()
                .map(|attached| row(app, person, attached, ""))
                .collect(),
            back: pieces.may_write.then(|| back.clone()),
            upload: pieces
                .may_write
                .then(|| Upload::of(app, subject, back, Typed::default())),
        })
    }

    /// The same with those of related objects, each named after its label; those of objects that
    /// the viewer may not see are left out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn with(
        mut self,
        app: &App,
        person: &Person,
        subjects: &[(Subject, String)],
    ) -> Result<Self, Error> {
        for (subject, name) in subjects {
            match attachments::list(app, &person.actor, *subject).await {
                Ok(pieces) => {
                    let list = pieces.list.into_iter();
                    let list = list.map(|attached| row(app, person, attached, name));
                    self.rows.extend(list);
                }
                Err(Error::NotFound) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(self)
    }
}

/// The page that adds an attachment to an object, and comes back.
#[must_use]
pub fn add_href(subject: Subject, back: &str) -> String {
    let (kind, id) = (subject.kind.code(), subject.id);
    format!(
        "/pieces/nouvelle?sur={kind}&objet={id}&retour={}",
        form_encode(back)
    )
}

impl Upload {
    pub(super) fn of(app: &App, subject: Subject, back: String, typed: Typed) -> Self {
        let limit = wording::attachment::size(app.settings.limits.upload_bytes_max);
        Self {
            subject_kind: subject.kind.code(),
            subject_id: subject.id.to_string(),
            back,
            kinds: AttachmentKind::ALL
                .into_iter()
                .map(|kind| Choice::new(kind.code(), wording::attachment::kind(kind)))
                .collect(),
            typed,
            hint: format!(
                "PDF, image, document bureautique, texte ou archive ZIP, {limit} au plus."
            ),
            operation: app.clock.new_id().to_string(),
        }
    }
}

/// `of` names the object when the page is about several.
fn row(app: &App, person: &Person, attached: Attached, of: &str) -> Row {
    let size = usize::try_from(attached.file.size_bytes).unwrap_or(usize::MAX);
    Row {
        id: attached.attachment.id.to_string(),
        label: if of.is_empty() {
            attached.attachment.label
        } else {
            format!("{} ({of})", attached.attachment.label)
        },
        kind: wording::attachment::kind(attached.attachment.kind),
        about: format!(
            "{}, {}",
            attached.file.name,
            wording::attachment::size(size)
        ),
        who: attached.added_by.unwrap_or_default(),
        at: format::day_time_year(attached.attachment.added_at, person.zone()),
        operation: app.clock.new_id().to_string(),
    }
}
