//! What a file is, by its first bytes; and photographs without what they tell of their author.

/// A kind of document that is kept (« type de fichier »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaType {
    Pdf,
    Jpeg,
    Png,
    Gif,
    Webp,
    Tiff,
    /// Documents of Office since 2007.
    OfficeOpenXml,
    /// Documents of the open standard.
    OpenDocument,
    /// The Office formats of before 2007, and messages of Outlook.
    OldOffice,
    Zip,
    Xml,
    /// Plain text, CSV, a message.
    Text,
}

impl MediaType {
    pub const ALL: [Self; 12] = [
        Self::Pdf,
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::Webp,
        Self::Tiff,
        Self::OfficeOpenXml,
        Self::OpenDocument,
        Self::OldOffice,
        Self::Zip,
        Self::Xml,
        Self::Text,
    ];

    /// What the bytes say; nothing for a program or anything unknown.
    ///
    /// | first bytes           | type           |
    /// |-----------------------|----------------|
    /// | `%PDF-`               | PDF            |
    /// | `FF D8 FF`            | JPEG           |
    /// | `PK` + `[Content_…`   | Office         |
    /// | `PK` + `mimetype…`    | `OpenDocument` |
    /// | `PK`                  | ZIP            |
    /// | `MZ`, `7F ELF`        | refused        |
    /// | readable text         | text           |
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        const MAGIC: [(&[u8], MediaType); 8] = [
            (b"%PDF-", MediaType::Pdf),
            (&[0xff, 0xd8, 0xff], MediaType::Jpeg),
            (
                &[0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'],
                MediaType::Png,
            ),
            (b"GIF8", MediaType::Gif),
            (&[b'I', b'I', 0x2a, 0], MediaType::Tiff),
            (&[b'M', b'M', 0, 0x2a], MediaType::Tiff),
            (
                &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
                MediaType::OldOffice,
            ),
            (b"<?xml", MediaType::Xml),
        ];
        if let Some((_, known)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Some(*known);
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Some(Self::Webp);
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return Some(Self::of_archive(bytes));
        }
        is_text(bytes).then_some(Self::Text)
    }

    /// The name of the first entry, at byte 30 of the archive, tells the office formats.
    fn of_archive(bytes: &[u8]) -> Self {
        let first = bytes.get(30..).unwrap_or_default();
        if first.starts_with(b"mimetypeapplication/vnd.oasis.opendocument") {
            Self::OpenDocument
        } else if [
            &b"[Content_Types].xml"[..],
            b"_rels/",
            b"docProps/",
            b"xl/",
            b"word/",
        ]
        .iter()
        .any(|name| first.starts_with(name))
        {
            Self::OfficeOpenXml
        } else {
            Self::Zip
        }
    }

    /// The name in the database and in `Content-Type`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Tiff => "image/tiff",
            Self::OfficeOpenXml => "application/vnd.openxmlformats-officedocument",
            Self::OpenDocument => "application/vnd.oasis.opendocument",
            Self::OldOffice => "application/x-ole-storage",
            Self::Zip => "application/zip",
            Self::Xml => "application/xml",
            Self::Text => "text/plain",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Text has no control character but line ends and tabs, in UTF-8 or in Windows-1252.
fn is_text(bytes: &[u8]) -> bool {
    let script = bytes.starts_with(b"#!");
    !script
        && bytes
            .iter()
            .all(|byte| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\r' | b'\n' | 0x0c))
}

/// A JPEG without where and by whom it was taken; any other bytes come back unchanged.
///
/// EXIF, XMP, IPTC and comments go; the picture, its colours (ICC) and its shape stay. The
/// orientation goes too: a photograph taken sideways is shown sideways.
#[must_use]
pub fn without_metadata(bytes: Vec<u8>) -> Vec<u8> {
    if MediaType::of(&bytes) != Some(MediaType::Jpeg) {
        return bytes;
    }
    stripped(&bytes).unwrap_or(bytes)
}

/// Walks the segments up to the picture itself; nothing when they are not those of a JPEG.
fn stripped(bytes: &[u8]) -> Option<Vec<u8>> {
    const START_OF_SCAN: u8 = 0xda;
    let mut kept = bytes.get(..2)?.to_vec();
    let mut rest = bytes.get(2..)?;
    loop {
        let [0xff, marker, high, low, ..] = rest else {
            return None;
        };
        if *marker == START_OF_SCAN {
            kept.extend_from_slice(rest);
            return Some(kept);
        }
        let length = usize::from(u16::from_be_bytes([*high, *low])) + 2;
        let segment = rest.get(..length)?;
        if !tells(*marker) {
            kept.extend_from_slice(segment);
        }
        rest = rest.get(length..)?;
    }
}

/// Whether a segment tells of its author: every application's but JFIF, ICC and Adobe, comments.
fn tells(marker: u8) -> bool {
    match marker {
        0xe0 | 0xe2 | 0xee => false,
        0xe1..=0xef | 0xfe => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    }

    #[test]
    fn a_photograph_loses_its_author_and_keeps_its_picture() {
        let picture = [segment(0xda, b"\x01\x02"), b"pixels\xff\xd9".to_vec()].concat();
        let sent = [
            b"\xff\xd8".to_vec(),
            segment(0xe0, b"JFIF\0"),
            segment(0xe1, b"Exif\0\0 50.62 N 3.05 E"),
            segment(0xed, b"Photoshop 3.0 auteur"),
            segment(0xe2, b"ICC_PROFILE\0"),
            segment(0xfe, b"commentaire"),
            segment(0xdb, b"table"),
            picture.clone(),
        ]
        .concat();
        let kept = [
            b"\xff\xd8".to_vec(),
            segment(0xe0, b"JFIF\0"),
            segment(0xe2, b"ICC_PROFILE\0"),
            segment(0xdb, b"table"),
            picture,
        ]
        .concat();
        assert_eq!(without_metadata(sent), kept);
    }

    #[test]
    fn a_broken_photograph_and_other_documents_are_left_alone() {
        let broken = b"\xff\xd8\xff\xe1\xff\xff".to_vec();
        assert_eq!(without_metadata(broken.clone()), broken);
        let pdf = b"%PDF-1.7 \xff\xe1".to_vec();
        assert_eq!(without_metadata(pdf.clone()), pdf);
    }

    #[test]
    fn bytes_tell_what_a_file_is() {
        let archive = |name: &[u8]| [b"PK\x03\x04", &[0; 26][..], name].concat();
        let cases: [(&[u8], Option<MediaType>); 12] = [
            (b"%PDF-1.7", Some(MediaType::Pdf)),
            (b"\xff\xd8\xff\xe0", Some(MediaType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(MediaType::Png)),
            (b"RIFF\0\0\0\0WEBP", Some(MediaType::Webp)),
            (
                &archive(b"[Content_Types].xml"),
                Some(MediaType::OfficeOpenXml),
            ),
            (
                &archive(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
                Some(MediaType::OpenDocument),
            ),
            (&archive(b"delib.pdf"), Some(MediaType::Zip)),
            ("commune;quantité\r\n".as_bytes(), Some(MediaType::Text)),
            (b"quantit\xe9\r\n", Some(MediaType::Text)),
            (b"MZ\x90\0", None),
            (b"\x7fELF\x02", None),
            (b"#!/bin/sh\n", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(MediaType::of(bytes), expected, "{bytes:?}");
        }
        for kind in MediaType::ALL {
            assert_eq!(MediaType::from_code(kind.code()), Some(kind));
        }
    }
}
