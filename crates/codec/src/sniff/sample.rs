//! The beginning of an object, unpacked and decoded.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use crate::open::{Part, for_each_part};
use crate::text_buffer::TextBuffer;
use crate::whole::WholeGzip;
use crate::{Limits, ObjectBody, ObjectError};

/// Bytes of text that are looked at.
pub const SAMPLE_BYTES: usize = 64 << 10;
/// Lines that are looked at.
const SAMPLE_LINES: usize = 500;
/// Of so many characters one may be a control character or have been no UTF-8; more make no text.
const CHARACTERS_PER_DAMAGED: usize = 10;

/// The beginning of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// Its text, decoded.
    pub text: String,
    /// Whether that is all there is.
    pub is_whole: bool,
    /// The content is Parquet.
    pub is_parquet: bool,
    /// What the content is, if it is no text.
    pub binary: Option<&'static str>,
}

impl Sample {
    /// A whole text.
    pub fn of_text(text: &str) -> Sample {
        Sample::new(text.to_owned(), true)
    }

    fn new(text: String, is_whole: bool) -> Sample {
        Sample {
            binary: looks_binary(&text).then_some("binary"),
            text,
            is_whole,
            is_parquet: false,
        }
    }

    /// Its lines that are not blank; one that the end of the sample cuts is left out.
    pub fn lines(&self) -> Vec<&str> {
        let text = match (self.is_whole, self.text.rfind('\n')) {
            (false, Some(end)) => &self.text[..end],
            _ => &self.text,
        };
        let lines = text.split(['\n', '\r']).map(str::trim_end);
        let lines = lines.filter(|line| !line.is_empty());
        lines.take(SAMPLE_LINES).collect()
    }
}

fn looks_binary(text: &str) -> bool {
    let mut characters = 0;
    let mut damaged = 0;
    for character in text.chars() {
        characters += 1;
        match character {
            '\0' => return true,
            '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' => {}
            char::REPLACEMENT_CHARACTER => damaged += 1,
            character if character.is_control() => damaged += 1,
            _ => {}
        }
    }
    damaged * CHARACTERS_PER_DAMAGED > characters
}

/// Reads the beginning of an object and gives the object back, to be read from its start.
///
/// Of an archive with several members the first that is not empty counts.
pub fn read_sample(
    body: Box<dyn ObjectBody>,
    limits: &Limits,
) -> Result<(Sample, Box<dyn ObjectBody>), ObjectError> {
    let shared = Shared(Arc::new(Mutex::new(body)));
    let mut sample: Option<Sample> = None;
    // Only the beginning is wanted, so nothing is unpacked as a whole.
    let limits = Limits {
        whole_bytes: 0,
        ..*limits
    };
    let (body, mut whole) = (Box::new(shared.clone()), WholeGzip::default());
    let opened = for_each_part(body, &limits, &mut whole, &mut |part| {
        if sample.is_some() {
            return Ok(());
        }
        match part {
            Part::Parquet(_) => {
                sample = Some(Sample {
                    is_parquet: true,
                    ..Sample::default()
                });
            }
            Part::Text(reader) => sample = beginning(reader),
            Part::Whole(text) => sample = beginning(Box::new(text.as_slice())),
        }
        Ok(())
    });
    let mut shared = shared;
    let sample = match (sample, opened) {
        (Some(sample), _) => sample,
        (None, Ok(())) => Sample::of_text(""),
        (None, Err(ObjectError::Binary)) => {
            let mut head = [0; 16];
            shared.seek(SeekFrom::Start(0))?;
            let length = shared.read(&mut head)?;
            Sample {
                binary: Some(name_of_binary(&head[..length])),
                ..Sample::default()
            }
        }
        (None, Err(error)) => return Err(error),
    };
    shared.seek(SeekFrom::Start(0))?;
    Ok((sample, Box::new(shared)))
}

/// The beginning of a text, unless it is empty.
fn beginning(reader: Box<dyn Read + '_>) -> Option<Sample> {
    let mut buffer = TextBuffer::new(reader);
    while buffer.pending().len() < SAMPLE_BYTES && buffer.fill() {}
    let pending = buffer.pending();
    if pending.is_empty() {
        return None;
    }
    let end = pending.floor_char_boundary(SAMPLE_BYTES);
    let is_whole = end == pending.len() && buffer.at_end();
    Some(Sample::new(pending[..end].to_owned(), is_whole))
}

/// What people call content that begins like this.
fn name_of_binary(head: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 10] = [
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"\x7fELF", "a program"),
        (b"MZ", "a program"),
        (b"%PDF", "a PDF document"),
        (b"SQLite format", "an SQLite database"),
        (b"\xd4\xc3\xb2\xa1", "a packet capture"),
        (b"\x0a\x0d\x0d\x0a", "a packet capture"),
        (b"ElfFile\0", "a Windows event log (EVTX); export it as XML"),
    ];
    let found = KNOWN.iter().find(|(magic, _)| head.starts_with(magic));
    found.map_or("binary", |(_, name)| name)
}

/// An object body that is read twice, one after the other.
#[derive(Clone)]
struct Shared(Arc<Mutex<Box<dyn ObjectBody>>>);

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.read(buffer)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn sample(bytes: &[u8]) -> Sample {
        let body = Box::new(Cursor::new(bytes.to_vec()));
        let (sample, mut body) = read_sample(body, &Limits::default()).unwrap();
        let mut again = Vec::new();
        body.read_to_end(&mut again).unwrap();
        assert_eq!(again, bytes, "the object is given back whole");
        sample
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], Some("a PNG image")),
            (b"\0\x01\x02\x03", Some("binary")),
            (b"some text of sixteen\0and then binary", Some("binary")),
            (b"caf\xe9 au lait, one of many words", None),
            (b"colour \x1b[31mred\x1b[0m", None),
            (b"", None),
        ] {
            assert_eq!(sample(bytes).binary, expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_cut_line_does_not_count() {
        let long = "0123456789\n".repeat(SAMPLE_BYTES / 11 + 10);
        let sample = sample(long.as_bytes());
        assert!(!sample.is_whole);
        assert_eq!(sample.lines().len(), SAMPLE_LINES);
        let cut = Sample {
            text: "one\ntwo\nthr".to_owned(),
            ..Sample::default()
        };
        assert_eq!(cut.lines(), ["one", "two"]);
    }
}
