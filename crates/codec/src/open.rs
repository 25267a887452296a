//! The bytes of an object as streams of text: signatures, archives, encodings.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

use crate::ObjectError;
use crate::whole::WholeGzip;

/// The bytes of an object.
pub trait ObjectBody: Read + Seek + Send + 'static {}

impl<T: Read + Seek + Send + 'static> ObjectBody for T {}

/// Bounds on what an object may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Decompressed bytes of an object.
    pub decompressed_bytes: u64,
    /// Bytes of one record.
    pub record_bytes: usize,
    /// Bytes up to which a gzip file is unpacked at once, packed and unpacked together. That takes
    /// half the time of unpacking it piece by piece, and this much memory.
    pub whole_bytes: usize,
    /// Bytes of text that another thread reads at a time, if one does. Their documents are several
    /// times as long, and some of them wait for others.
    pub piece_bytes: usize,
}

impl Default for Limits {
    /// 64 GiB an object, 16 MiB a record, 40 MiB at once, 64 KiB for another thread.
    fn default() -> Self {
        Limits {
            decompressed_bytes: 64 << 30,
            record_bytes: 16 << 20,
            whole_bytes: 40 << 20,
            piece_bytes: 64 << 10,
        }
    }
}

/// What a signature says about bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gzip,
    Zip,
    Bzip2,
    Zstd,
    Parquet,
    Utf16,
    Text,
    Binary,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Gzip => "gzip",
            Kind::Zip => "zip",
            Kind::Bzip2 => "bzip2",
            Kind::Zstd => "zstd",
            Kind::Parquet => "Parquet",
            Kind::Utf16 => "UTF-16",
            Kind::Text => "text",
            Kind::Binary => "binary",
        }
    }
}

/// What follows the level in a bzip2 file: its first block, or its end.
const BZIP2_BLOCKS: [&[u8]; 2] = [
    &[0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
    &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
];

/// How many bytes decide what content is.
const HEAD: usize = 16;

/// Tells the kind of content by real signatures, not by two letters that text may begin with.
fn sniff(head: &[u8]) -> Kind {
    let starts = |signature: &[u8]| head.starts_with(signature);
    if starts(&[0x1f, 0x8b, 0x08]) {
        Kind::Gzip
    } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        Kind::Zip
    } else if starts(b"BZh")
        && head
            .get(4..10)
            .is_some_and(|block| BZIP2_BLOCKS.contains(&block))
    {
        Kind::Bzip2
    } else if starts(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Kind::Zstd
    } else if starts(b"PAR1") && head.get(4..HEAD).is_some_and(has_control) {
        Kind::Parquet
    } else if starts(&[0xff, 0xfe]) || starts(&[0xfe, 0xff]) {
        Kind::Utf16
    } else if has_control(head) {
        Kind::Binary
    } else {
        Kind::Text
    }
}

fn has_control(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .any(|byte| !matches!(byte, 0x07..=0x0a | 0x0c | 0x0d | 0x1b | 0x20..=0x7e | 0x80..))
}

/// One readable part of an object.
pub(crate) enum Part<'p> {
    /// Text, still encoded.
    Text(Box<dyn Read + 'p>),
    /// All of a text, still encoded; the memory can be used again when it is given back.
    Whole(&'p mut Vec<u8>),
    /// A Parquet file.
    Parquet(Box<dyn ObjectBody>),
}

/// Takes the parts of an object one after the other.
type Visit<'v> = dyn FnMut(Part<'_>) -> Result<(), ObjectError> + 'v;

/// Archives in archives that are opened. CloudWatch Logs compresses what it hands to Firehose,
/// which may compress it again.
const MAX_NESTING: usize = 3;

/// Content that is no stream is held in memory up to this size.
const MAX_IN_MEMORY: u64 = 1 << 30;

/// Opens the object and hands over its parts one after the other: the content itself, or every
/// regular member of a zip archive.
pub(crate) fn for_each_part(
    mut body: Box<dyn ObjectBody>,
    limits: &Limits,
    whole: &mut WholeGzip,
    visit: &mut Visit<'_>,
) -> Result<(), ObjectError> {
    let mut head = [0; HEAD];
    let length = read_head(&mut body, &mut head)?;
    body.seek(SeekFrom::Start(0))?;
    match sniff(&head[..length]) {
        Kind::Zip => for_each_zip_member(body, limits, MAX_NESTING, visit),
        Kind::Parquet => visit(Part::Parquet(body)),
        Kind::Text => visit(Part::Text(body)),
        Kind::Utf16 => visit(Part::Text(utf16(body))),
        Kind::Binary => Err(ObjectError::Binary),
        Kind::Gzip if whole.unpack(&mut body, limits)? => visit_whole(whole, limits, visit),
        kind @ (Kind::Gzip | Kind::Bzip2 | Kind::Zstd) => {
            let reader = unpack(kind, body)?;
            visit_unpacked(kind, reader, limits, MAX_NESTING, visit)
        }
    }
}

/// Hands over what a gzip file held, if it is text, and opens it otherwise.
fn visit_whole(
    whole: &mut WholeGzip,
    limits: &Limits,
    visit: &mut Visit<'_>,
) -> Result<(), ObjectError> {
    let head = whole.text.get(..HEAD).unwrap_or(&whole.text);
    if sniff(head) == Kind::Text {
        return visit(Part::Whole(&mut whole.text));
    }
    let reader = Box::new(whole.text.as_slice());
    visit_unpacked(Kind::Gzip, reader, limits, MAX_NESTING, visit)
}

/// The content of a stream that is compressed; other streams are their own content.
fn unpack<'r>(kind: Kind, reader: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let reader = BufReader::with_capacity(1 << 16, reader);
    Ok(match kind {
        Kind::Gzip => Box::new(GzipMembers::new(reader)),
        Kind::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
        Kind::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(reader)?),
        _ => Box::new(reader),
    })
}

fn read_head(reader: &mut dyn Read, head: &mut [u8; HEAD]) -> io::Result<usize> {
    let mut length = 0;
    while length < HEAD {
        match reader.read(&mut head[length..])? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}

fn utf16<'r>(reader: impl Read + 'r) -> Box<dyn Read + 'r> {
    Box::new(encoding_rs_io::DecodeReaderBytes::new(reader))
}

/// Hands over what came out of an archive; other archives in it are opened as well.
fn visit_unpacked(
    outer: Kind,
    reader: Box<dyn Read + '_>,
    limits: &Limits,
    nesting: usize,
    visit: &mut Visit<'_>,
) -> Result<(), ObjectError> {
    let mut reader = Sticky {
        inner: reader,
        error: None,
    };
    let mut head = [0; HEAD];
    // Damage in the very first bytes shows again when the records are read.
    let length = read_head(&mut reader, &mut head).unwrap_or(0);
    let whole = Cursor::new(head[..length].to_vec()).chain(reader);
    let capped = Capped::new(whole, limits);
    let inner = sniff(&head[..length]);
    let is_archive = matches!(inner, Kind::Gzip | Kind::Bzip2 | Kind::Zstd | Kind::Zip);
    let Some(nesting) = nesting.checked_sub(usize::from(is_archive)) else {
        return Err(ObjectError::NestedArchive {
            outer: outer.name(),
            inner: inner.name(),
        });
    };
    match inner {
        Kind::Text => visit(Part::Text(Box::new(capped))),
        Kind::Utf16 => visit(Part::Text(utf16(capped))),
        Kind::Binary => Err(ObjectError::Binary),
        // Parquet and zip are read from their end, which a stream does not have.
        Kind::Parquet => visit(Part::Parquet(in_memory(capped, limits)?)),
        Kind::Zip => for_each_zip_member(in_memory(capped, limits)?, limits, nesting, visit),
        Kind::Gzip | Kind::Bzip2 | Kind::Zstd => {
            visit_unpacked(inner, unpack(inner, capped)?, limits, nesting, visit)
        }
    }
}

fn in_memory(reader: impl Read, limits: &Limits) -> Result<Box<dyn ObjectBody>, ObjectError> {
    let mut bytes = Vec::new();
    let cap = limits.decompressed_bytes.min(MAX_IN_MEMORY);
    reader.take(cap + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > cap {
        return Err(ObjectError::TooLarge(cap));
    }
    Ok(Box::new(Cursor::new(bytes)))
}

/// Repeats the first error for ever: decoders may panic when they are read behind one.
struct Sticky<R> {
    inner: R,
    error: Option<(io::ErrorKind, String)>,
}

impl<R: Read> Read for Sticky<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some((kind, text)) = &self.error {
            return Err(io::Error::new(*kind, text.clone()));
        }
        let outcome = self.inner.read(buffer);
        if let Err(error) = &outcome
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.error = Some((error.kind(), error.to_string()));
        }
        outcome
    }
}

/// Fails when more is read than allowed, so that a decompression bomb ends as a clear error.
pub(crate) struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R> Capped<R> {
    pub(crate) fn new(inner: R, limits: &Limits) -> Self {
        Capped {
            inner,
            left: limits.decompressed_bytes,
        }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::other("the decompressed object is larger than allowed"))?;
        Ok(count)
    }
}

/// Hands over every regular member; one that cannot be read does not keep the others back.
fn for_each_zip_member(
    body: Box<dyn ObjectBody>,
    limits: &Limits,
    nesting: usize,
    visit: &mut Visit<'_>,
) -> Result<(), ObjectError> {
    let damaged = |error: zip::result::ZipError| ObjectError::Archive {
        format: "zip",
        detail: error.to_string(),
    };
    let mut archive = zip::ZipArchive::new(body).map_err(damaged)?;
    let mut first_error = None;
    for index in 0..archive.len() {
        let visited = match archive.by_index(index) {
            Ok(member) if member.is_file() && member.size() > 0 => {
                visit_unpacked(Kind::Zip, Box::new(member), limits, nesting, visit)
            }
            Ok(_) => Ok(()),
            Err(error) => Err(damaged(error)),
        };
        if let Err(error) = visited {
            first_error.get_or_insert(error);
        }
    }
    first_error.map_or(Ok(()), Err)
}

/// Reads every member of a gzip file; zeros or anything else behind the last one is no data.
struct GzipMembers<R: BufRead> {
    decoder: Option<flate2::bufread::GzDecoder<R>>,
    first: bool,
}

impl<R: BufRead> GzipMembers<R> {
    fn new(reader: R) -> Self {
        GzipMembers {
            decoder: Some(flate2::bufread::GzDecoder::new(reader)),
            first: true,
        }
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else {
                return Ok(0);
            };
            match decoder.read(buffer) {
                Ok(0) if !buffer.is_empty() => {}
                Err(_) if !self.first && decoder.header().is_none() => {
                    // Not a member: padding or garbage behind the data.
                    self.decoder = None;
                    return Ok(0);
                }
                other => return other,
            }
            self.first = false;
            let mut reader = match self.decoder.take() {
                Some(decoder) => decoder.into_inner(),
                None => return Ok(0),
            };
            if !reader.fill_buf()?.is_empty() {
                self.decoder = Some(flate2::bufread::GzDecoder::new(reader));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let level = bzip2::Compression::fast();
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 0).unwrap()
    }

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (name, bytes) in members {
            if name.ends_with('/') {
                writer.add_directory(*name, options).unwrap();
            } else {
                writer.start_file(*name, options).unwrap();
                writer.write_all(bytes).unwrap();
            }
        }
        writer.finish().unwrap().into_inner()
    }

    /// The texts of all parts, and what went wrong; the same at once and piece by piece.
    fn open(bytes: Vec<u8>) -> (Vec<String>, String) {
        let pieces = open_within(0, bytes.clone());
        assert_eq!(open_within(1 << 20, bytes), pieces);
        pieces
    }

    fn open_within(whole_bytes: usize, bytes: Vec<u8>) -> (Vec<String>, String) {
        let mut texts = Vec::new();
        let limits = Limits {
            decompressed_bytes: 1 << 20,
            record_bytes: 100,
            whole_bytes,
            ..Limits::default()
        };
        let mut whole = WholeGzip::default();
        let body = Box::new(Cursor::new(bytes));
        let opened = for_each_part(body, &limits, &mut whole, &mut |part| {
            match part {
                Part::Whole(bytes) => texts.push(String::from_utf8(bytes.clone()).unwrap()),
                Part::Text(mut reader) => {
                    let mut text = String::new();
                    reader.read_to_string(&mut text)?;
                    texts.push(text);
                }
                Part::Parquet(_) => texts.push("parquet".to_owned()),
            }
            Ok(())
        });
        (
            texts,
            opened.err().map_or_else(String::new, |e| e.to_string()),
        )
    }

    #[test]
    fn content_shows_what_it_is() {
        let utf16 = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}tē😀".encode_utf16().flat_map(to).collect()
        };
        let text = b"text".as_slice();
        for (what, bytes, expected) in [
            ("text", text.to_vec(), &["text"][..]),
            (
                "text like bzip2",
                b"BZh9 is no archive".to_vec(),
                &["BZh9 is no archive"],
            ),
            (
                "text like zip",
                b"PKzip is no archive".to_vec(),
                &["PKzip is no archive"],
            ),
            (
                "text like Parquet",
                b"PAR1 is no table at all".to_vec(),
                &["PAR1 is no table at all"],
            ),
            ("gzip", gzip(text), &["text"]),
            (
                "gzip members",
                [gzip(text), gzip(b" two")].concat(),
                &["text two"],
            ),
            (
                "gzip members alike",
                [gzip(text), gzip(text)].concat(),
                &["texttext"],
            ),
            (
                "gzip with zeros",
                [gzip(text), vec![0; 512]].concat(),
                &["text"],
            ),
            (
                "gzip with garbage",
                [gzip(text), b"garbage".to_vec()].concat(),
                &["text"],
            ),
            ("empty gzip", gzip(b""), &[""]),
            (
                "bzip2 streams",
                [bzip2(text), bzip2(b" two")].concat(),
                &["text two"],
            ),
            ("empty bzip2", bzip2(b""), &[""]),
            (
                "zstd frames",
                [zstd(text), zstd(b" two")].concat(),
                &["text two"],
            ),
            ("UTF-16 LE", utf16(u16::to_le_bytes), &["tē😀"]),
            ("UTF-16 BE", utf16(u16::to_be_bytes), &["tē😀"]),
            ("UTF-16 in gzip", gzip(&utf16(u16::to_le_bytes)), &["tē😀"]),
            (
                "zip",
                zip(&[("d/", b""), ("d/a", text), ("e", b""), ("b", b"two")]),
                &["text", "two"],
            ),
            (
                "gzip in gzip",
                gzip(&[gzip(text), gzip(b" two")].concat()),
                &["text two"],
            ),
            (
                "bzip2 in zip",
                zip(&[("a", &bzip2(text)), ("b", b"two")]),
                &["text", "two"],
            ),
            (
                "zip in zstd",
                zstd(&zip(&[("a", text), ("b", b"two")])),
                &["text", "two"],
            ),
            (
                "Parquet in gzip",
                gzip(b"PAR1\x15\x04\x15\x10 and so on"),
                &["parquet"],
            ),
        ] {
            let (texts, error) = open(bytes);
            assert_eq!(texts, expected, "{what}");
            assert_eq!(error, "", "{what}");
        }
    }

    #[test]
    fn what_cannot_be_opened_says_so() {
        let binary = b"\x00\x01\x02 no text".as_slice();
        let nested = (0..5).fold(b"text".to_vec(), |bytes, _| gzip(&bytes));
        for (what, bytes, expected, error) in [
            ("binary", binary.to_vec(), &[][..], "the content is binary"),
            ("binary in gzip", gzip(binary), &[], "the content is binary"),
            (
                "binary in zip",
                zip(&[("a", b"one"), ("b", binary), ("c", b"two")]),
                &["one", "two"],
                "the content is binary",
            ),
            ("many layers", nested, &[], "too deep (gzip in gzip)"),
            (
                "bomb",
                gzip(&vec![b'x'; 2 << 20]),
                &[],
                "larger than allowed",
            ),
            (
                "cut zip",
                zip(&[("a", b"text")])[..30].to_vec(),
                &[],
                "cannot open the zip archive",
            ),
        ] {
            let (texts, found) = open(bytes);
            assert_eq!(texts, expected, "{what}");
            assert!(found.contains(error), "{what}: {found}");
        }
    }
}
