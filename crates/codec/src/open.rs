//! The bytes of an object as streams of text: signatures, archives, encodings.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

use crate::ObjectError;

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
}

impl Default for Limits {
    /// 64 GiB an object, 16 MiB a record.
    fn default() -> Self {
        Limits {
            decompressed_bytes: 64 << 30,
            record_bytes: 16 << 20,
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

/// How many bytes decide what content is.
const HEAD: usize = 16;

/// Tells the kind of content by real signatures, not by two letters that text may begin with.
fn sniff(head: &[u8]) -> Kind {
    let starts = |signature: &[u8]| head.starts_with(signature);
    if starts(&[0x1f, 0x8b, 0x08]) {
        Kind::Gzip
    } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        Kind::Zip
    } else if starts(b"BZh") && head.get(4..10) == Some(&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) {
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
    /// A Parquet file.
    Parquet(Box<dyn ObjectBody>),
}

/// Opens the object and hands over its parts one after the other: the content itself, or every
/// regular member of a zip archive.
pub(crate) fn for_each_part(
    mut body: Box<dyn ObjectBody>,
    limits: &Limits,
    mut visit: impl FnMut(Part<'_>) -> Result<(), ObjectError>,
) -> Result<(), ObjectError> {
    let mut head = [0; HEAD];
    let length = read_head(&mut body, &mut head)?;
    body.seek(SeekFrom::Start(0))?;
    let kind = sniff(&head[..length]);
    let buffered = |body| BufReader::with_capacity(1 << 16, body);
    let reader: Box<dyn Read + '_> = match kind {
        Kind::Gzip => Box::new(GzipMembers::new(buffered(body))),
        Kind::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(buffered(body))),
        Kind::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(buffered(body))?),
        Kind::Zip => return for_each_zip_member(body, limits, visit),
        Kind::Parquet => return visit(Part::Parquet(body)),
        Kind::Text => return visit(Part::Text(body)),
        Kind::Utf16 => return visit(Part::Text(utf16(body))),
        Kind::Binary => return Err(ObjectError::Binary),
    };
    visit_unpacked(kind, reader, limits, &mut visit)
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

fn visit_unpacked(
    outer: Kind,
    reader: Box<dyn Read + '_>,
    limits: &Limits,
    visit: &mut impl FnMut(Part<'_>) -> Result<(), ObjectError>,
) -> Result<(), ObjectError> {
    let mut reader = Sticky {
        inner: reader,
        error: None,
    };
    let mut head = [0; HEAD];
    // Damage in the very first bytes shows again when the records are read.
    let length = read_head(&mut reader, &mut head).unwrap_or(0);
    let whole = Cursor::new(head[..length].to_vec()).chain(reader);
    let capped = Capped {
        inner: whole,
        left: limits.decompressed_bytes,
    };
    match sniff(&head[..length]) {
        Kind::Text => visit(Part::Text(Box::new(capped))),
        Kind::Utf16 => visit(Part::Text(utf16(capped))),
        Kind::Binary => Err(ObjectError::Binary),
        Kind::Parquet => {
            // Parquet is read from its end, which a stream does not have.
            let mut bytes = Vec::new();
            let cap = limits.decompressed_bytes.min(1 << 30);
            capped.take(cap + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > cap {
                return Err(ObjectError::TooLarge(cap));
            }
            visit(Part::Parquet(Box::new(Cursor::new(bytes))))
        }
        inner => Err(ObjectError::NestedArchive {
            outer: outer.name(),
            inner: inner.name(),
        }),
    }
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
struct Capped<R> {
    inner: R,
    left: u64,
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

fn for_each_zip_member(
    body: Box<dyn ObjectBody>,
    limits: &Limits,
    mut visit: impl FnMut(Part<'_>) -> Result<(), ObjectError>,
) -> Result<(), ObjectError> {
    let damaged = |error: zip::result::ZipError| ObjectError::Archive {
        format: "zip",
        detail: error.to_string(),
    };
    let mut archive = zip::ZipArchive::new(body).map_err(damaged)?;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(damaged)?;
        if member.is_file() && member.size() > 0 {
            visit_unpacked(Kind::Zip, Box::new(member), limits, &mut visit)?;
        }
    }
    Ok(())
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
