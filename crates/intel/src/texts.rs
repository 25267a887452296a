//! The texts of indicators in one stream: each text once where it repeats, an entry per indicator.
//!
//! ```text
//! text   length, bytes
//! entry  for each column how far before the entry its text begins, or 0 for none
//! ```
//!
//! Lengths and distances are numbers of seven bits per byte, lowest first, so
//! that what lies near is short.

use std::io::{self, Write};

use crate::cache::Cache;

/// The columns of an entry.
pub(crate) const COLUMNS: usize = 8;
/// How many texts the writer remembers beside those of the last row.
const REMEMBERED_TEXTS: usize = 8 * 1024;
/// The longest text that it remembers.
const REMEMBERED_BYTES: usize = 256;

/// Writes texts and entries.
///
/// What it remembers is bounded, so a text that was long not seen may be written again.
pub(crate) struct TextsWriter<'w, W: ?Sized> {
    out: &'w mut W,
    position: u64,
    known: Cache<String, u32>,
    last_texts: [Option<(String, u32)>; COLUMNS],
    last_entry: Option<([Option<u32>; COLUMNS], u32)>,
}

/// The stream has no room for more.
pub(crate) fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        "it holds more than 4 GB of text",
    )
}

impl<'w, W: Write + ?Sized> TextsWriter<'w, W> {
    pub(crate) fn new(out: &'w mut W) -> Self {
        Self {
            out,
            position: 0,
            known: Cache::new(REMEMBERED_TEXTS),
            last_texts: Default::default(),
            last_entry: None,
        }
    }

    /// How much was written.
    pub(crate) fn length(&self) -> u64 {
        self.position
    }

    /// Writes a text that will not repeat, and gives its place.
    pub(crate) fn once(&mut self, text: &str) -> io::Result<u32> {
        write_text(self.out, &mut self.position, text)
    }

    /// Writes an entry, unless it is the one before, and gives its place.
    pub(crate) fn entry(&mut self, row: [Option<&str>; COLUMNS]) -> io::Result<u32> {
        let texts = self.texts(row)?;
        if let Some((known, place)) = self.last_entry
            && known == texts
        {
            return Ok(place);
        }
        self.append(texts)
    }

    /// Writes an entry, and gives its place, which is after those of all earlier ones.
    pub(crate) fn new_entry(&mut self, row: [Option<&str>; COLUMNS]) -> io::Result<u32> {
        let texts = self.texts(row)?;
        self.append(texts)
    }

    fn append(&mut self, texts: [Option<u32>; COLUMNS]) -> io::Result<u32> {
        let place = place(self.position)?;
        let mut bytes = Vec::with_capacity(5 * COLUMNS);
        for text in texts {
            push_number(&mut bytes, text.map_or(0, |text| place - text));
        }
        self.out.write_all(&bytes)?;
        self.position += bytes.len() as u64;
        self.last_entry = Some((texts, place));
        Ok(place)
    }

    fn texts(&mut self, row: [Option<&str>; COLUMNS]) -> io::Result<[Option<u32>; COLUMNS]> {
        let mut places = [None; COLUMNS];
        let columns = row.into_iter().zip(&mut self.last_texts);
        for ((text, last), place) in columns.zip(&mut places) {
            let Some(text) = text else {
                continue;
            };
            if let Some((known, at)) = last
                && known == text
            {
                *place = Some(*at);
                continue;
            }
            let at = if text.len() > REMEMBERED_BYTES {
                write_text(self.out, &mut self.position, text)?
            } else {
                let mut written = Ok(());
                let at = *self.known.get_or_make(text, || {
                    write_text(self.out, &mut self.position, text).unwrap_or_else(|error| {
                        written = Err(error);
                        0
                    })
                });
                written?;
                at
            };
            *last = Some((text.to_owned(), at));
            *place = Some(at);
        }
        Ok(places)
    }
}

fn place(position: u64) -> io::Result<u32> {
    u32::try_from(position).map_err(|_| too_large())
}

fn write_text(out: &mut (impl Write + ?Sized), position: &mut u64, text: &str) -> io::Result<u32> {
    let at = place(*position)?;
    let mut length = Vec::with_capacity(5);
    let bytes = u32::try_from(text.len()).map_err(|_| too_large())?;
    push_number(&mut length, bytes);
    out.write_all(&length)?;
    out.write_all(text.as_bytes())?;
    *position += length.len() as u64 + u64::from(bytes);
    Ok(at)
}

fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number from the beginning of bytes.
fn take_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0u32;
    for shift in (0..u32::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// The bytes of the text at a place.
pub(crate) fn text(stream: &[u8], place: u32) -> Option<&[u8]> {
    let mut bytes = stream.get(place as usize..)?;
    let length = take_number(&mut bytes)?;
    bytes.get(..length as usize)
}

/// The texts of the entry at a place; those that cannot be read are none.
pub(crate) fn entry(stream: &[u8], place: u32) -> [Option<&str>; COLUMNS] {
    let mut bytes = stream.get(place as usize..).unwrap_or_default();
    [(); COLUMNS].map(|()| {
        let distance = take_number(&mut bytes).filter(|&distance| distance > 0)?;
        let found = text(stream, place.checked_sub(distance)?)?;
        std::str::from_utf8(found).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_written() {
        let long = "x".repeat(300);
        let rows: [[Option<&str>; COLUMNS]; 4] = [
            [
                Some("a"),
                Some(""),
                None,
                Some(&long),
                None,
                None,
                None,
                Some("z"),
            ],
            [
                Some("a"),
                Some(""),
                None,
                Some(&long),
                None,
                None,
                None,
                Some("z"),
            ],
            [
                Some("b"),
                Some(&long),
                Some(""),
                Some(&long),
                None,
                None,
                None,
                None,
            ],
            [None; COLUMNS],
        ];
        let mut stream = Vec::new();
        let mut writer = TextsWriter::new(&mut stream);
        let places = rows.map(|row| writer.entry(row).unwrap());
        let name = writer.once("name").unwrap();
        let again = writer.new_entry([None; COLUMNS]).unwrap();
        let length = writer.length();
        assert_eq!(length, stream.len() as u64);
        assert_eq!(places[0], places[1]);
        assert!(again > name && name > places[3]);
        for (row, place) in rows.iter().zip(places) {
            assert_eq!(entry(&stream, place), *row);
        }
        assert_eq!(text(&stream, name), Some(&b"name"[..]));
        assert_eq!(text(&stream, u32::MAX), None);
    }
}
