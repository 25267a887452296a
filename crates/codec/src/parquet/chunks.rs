//! The bytes of a Parquet file, and how much of them is read at a time.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use crate::ObjectBody;

/// The header of a page is some dozens of bytes, read one by one.
const HEADER_BYTES: usize = 512;

/// A seekable body as Parquet's reader wants it: readable from any place, by several at once.
pub(super) struct Chunks {
    body: Arc<Mutex<Box<dyn ObjectBody>>>,
    length: u64,
}

impl Chunks {
    pub(super) fn new(mut body: Box<dyn ObjectBody>) -> io::Result<Self> {
        let length = body.seek(SeekFrom::End(0))?;
        Ok(Chunks {
            body: Arc::new(Mutex::new(body)),
            length,
        })
    }
}

/// Reads the body from one place on.
pub(super) struct ChunkRead {
    body: Arc<Mutex<Box<dyn ObjectBody>>>,
    at: u64,
}

fn lock(body: &Mutex<Box<dyn ObjectBody>>) -> MutexGuard<'_, Box<dyn ObjectBody>> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Read for ChunkRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut body = lock(&self.body);
        body.seek(SeekFrom::Start(self.at))?;
        let count = body.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Chunks {
    type T = BufReader<ChunkRead>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let read = ChunkRead {
            body: Arc::clone(&self.body),
            at: start,
        };
        Ok(BufReader::with_capacity(HEADER_BYTES, read))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes> {
        if start.saturating_add(length as u64) > self.length {
            let message = format!("{length} bytes at {start} are behind the end of the file");
            return Err(ParquetError::EOF(message));
        }
        let mut bytes = vec![0; length];
        let mut body = lock(&self.body);
        body.seek(SeekFrom::Start(start))?;
        body.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// The most values and nulls that a batch of rows may have, and those in the pages that are opened
/// for one of its columns. A page of some bytes can claim billions of nulls in a single row.
pub(super) const MAX_LEVELS: usize = 1 << 24;

/// How many more values the pages of a column may have.
#[derive(Clone)]
pub(super) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    pub(super) fn new() -> Self {
        Allowance(Arc::new(AtomicUsize::new(MAX_LEVELS)))
    }

    /// Allows as much as at first.
    pub(super) fn renew(&self) {
        self.0.store(MAX_LEVELS, Ordering::Relaxed);
    }

    fn take(&self, page: &Page) -> Result<()> {
        let left = self.0.load(Ordering::Relaxed);
        let left = left.checked_sub(page.num_values() as usize);
        self.0.store(left.ok_or_else(too_many)?, Ordering::Relaxed);
        Ok(())
    }
}

/// The error of rows with more values than are allowed.
pub(super) fn too_many() -> ParquetError {
    ParquetError::General(format!("a few rows have more than {MAX_LEVELS} values"))
}

/// The pages of a column, as long as they are allowed.
pub(super) struct Pages {
    pub(super) pages: Box<dyn PageReader>,
    pub(super) allowance: Allowance,
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.allowance.take(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}
