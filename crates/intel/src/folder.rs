//! A folder of files that were made from databases, to be mapped instead of made again.
//!
//! A file is written under a name of its own and renamed when it is complete,
//! and never written to after that. Its name and its beginning tell of which
//! file in which state it was made; its checksum is compared before it is used.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirEntry, File, OpenOptions};
use std::hash::BuildHasher;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::bytes::Bytes;
use crate::hash::hash;
use crate::stamp::Stamp;

const MAGIC: &[u8; 8] = b"YAGINTEL";
/// The version of everything that is written into these files.
const FORMAT: u32 = 1;
/// Magic, version, checksum of the content, its length, stamp, checksum of all before.
const HEADER_BYTES: usize = 8 + 4 + 4 + 8 + Stamp::BYTES + 4;
const BUFFER_BYTES: usize = 256 * 1024;
/// The most files that are kept; the oldest go first.
const MAX_FILES: usize = 16;
/// After this time an unfinished file is taken as left behind.
const UNFINISHED: Duration = Duration::from_secs(60 * 60);
const UNFINISHED_EXTENSION: &str = "tmp";
const EXTENSION: &str = "index";
/// How often a file is read that changes meanwhile.
const ATTEMPTS: usize = 3;

/// Why the content of a file could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    /// The source cannot be used.
    #[error("{0}")]
    Source(String),
    /// The content cannot be written.
    #[error("{0}")]
    Write(#[from] io::Error),
}

/// A folder of compiled indicators and copies of GeoIP databases.
///
/// **Limits**: sixteen files; those of sources that changed are removed. Several processes may
/// share one folder.
#[derive(Clone, Debug)]
pub struct CacheFolder {
    path: PathBuf,
}

impl CacheFolder {
    /// Uses a folder, which is made for this user alone if it does not exist.
    ///
    /// **Errors**: the folder cannot be made, or nothing can be written into it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(path)?;
        let folder = Self {
            path: path.to_owned(),
        };
        let (_, probe) = folder.unfinished()?;
        fs::remove_file(probe)?;
        Ok(folder)
    }

    /// The content made of a source, from the folder if it is there and good.
    ///
    /// If it cannot be kept in the folder it is made in memory.
    pub(crate) fn get_or_make(
        &self,
        kind: &str,
        source: &Path,
        make: &dyn Fn(&mut dyn Write) -> Result<(), MakeError>,
    ) -> Result<Bytes, MakeError> {
        for _ in 0..ATTEMPTS {
            let Some(stamp) = Stamp::of(source) else {
                break;
            };
            let (family, name) = names(kind, source, stamp);
            let path = self.path.join(&name);
            match open(&path, stamp) {
                Ok(bytes) => return Ok(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!("`{}` is made again: {error}", path.display()),
            }
            match self.make(&path, source, stamp, make) {
                Ok(Some(bytes)) => {
                    self.tidy(&family, &name);
                    return Ok(bytes);
                }
                Ok(None) => {}
                Err(MakeError::Write(error)) => {
                    tracing::warn!(
                        "cannot write to `{}`: {error}; `{}` is kept in memory",
                        self.path.display(),
                        source.display()
                    );
                    return make_in_memory(make);
                }
                Err(error) => return Err(error),
            }
        }
        Err(MakeError::Source("it changes while it is read".to_owned()))
    }

    /// Makes a file of the folder; `None` if the source changed meanwhile.
    fn make(
        &self,
        path: &Path,
        source: &Path,
        stamp: Stamp,
        make: &dyn Fn(&mut dyn Write) -> Result<(), MakeError>,
    ) -> Result<Option<Bytes>, MakeError> {
        let (file, unfinished) = self.unfinished()?;
        let unfinished = RemovedUnlessRenamed(unfinished);
        write(file, stamp, make)?;
        if Stamp::of(source) != Some(stamp) {
            return Ok(None);
        }
        fs::rename(&unfinished.0, path)?;
        Ok(Some(open(path, stamp)?))
    }

    /// A new file with a name of its own.
    fn unfinished(&self) -> io::Result<(File, PathBuf)> {
        let number = RandomState::new().hash_one(std::process::id());
        let path = self
            .path
            .join(format!("{number:016x}.{UNFINISHED_EXTENSION}"));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok((file, path))
    }

    /// Removes what earlier states of a source left, what was never finished, and what is too many.
    ///
    /// A file that another process has mapped stays with it, whatever becomes of its name.
    fn tidy(&self, family: &str, newest: &str) {
        let Ok(entries) = fs::read_dir(&self.path) else {
            return;
        };
        let mut others = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|&name| name != newest) else {
                continue;
            };
            let age = age(&entry).unwrap_or_default();
            let extension = Path::new(name).extension().unwrap_or_default();
            let is_left = extension == UNFINISHED_EXTENSION && age > UNFINISHED;
            if is_left || name.starts_with(family) {
                remove(&entry.path());
            } else if extension == EXTENSION {
                others.push((age, entry.path()));
            }
        }
        others.sort_unstable();
        others
            .iter()
            .skip(MAX_FILES - 1)
            .for_each(|(_, path)| remove(path));
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!("cannot remove `{}`: {error}", path.display());
    }
}

fn age(entry: &DirEntry) -> Option<Duration> {
    let modified = entry.metadata().ok()?.modified().ok()?;
    SystemTime::now().duration_since(modified).ok()
}

/// How the names of all files of a source begin, and the name of the file of this state.
fn names(kind: &str, source: &Path, stamp: Stamp) -> (String, String) {
    let source = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    let source = hash(0, source.as_os_str().as_encoded_bytes());
    let state = hash(u64::from(FORMAT), &stamp.to_bytes());
    let family = format!("{kind}-{source:016x}-");
    let name = format!("{family}{state:016x}.{EXTENSION}");
    (family, name)
}

/// A file that goes away unless it gets another name.
struct RemovedUnlessRenamed(PathBuf);

impl Drop for RemovedUnlessRenamed {
    fn drop(&mut self) {
        // There is nothing to remove once it was renamed.
        let _ = fs::remove_file(&self.0);
    }
}

/// Makes content in memory.
pub(crate) fn make_in_memory(
    make: &dyn Fn(&mut dyn Write) -> Result<(), MakeError>,
) -> Result<Bytes, MakeError> {
    let mut bytes = Vec::new();
    make(&mut bytes)?;
    bytes.shrink_to_fit();
    Ok(Bytes::in_memory(bytes))
}

fn write(
    mut file: File,
    stamp: Stamp,
    make: &dyn Fn(&mut dyn Write) -> Result<(), MakeError>,
) -> Result<(), MakeError> {
    file.write_all(&[0; HEADER_BYTES])?;
    let summed = Summed {
        out: file,
        sum: crc32fast::Hasher::new(),
        length: 0,
    };
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, summed);
    make(&mut out)?;
    let summed = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    let mut file = summed.out;
    file.rewind()?;
    // Not forced to the disk: what a power cut damages is noticed by its checksum and made again.
    file.write_all(&header(summed.sum.finalize(), summed.length, stamp))?;
    Ok(())
}

fn header(sum: u32, length: u64, stamp: Stamp) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend(MAGIC);
    header.extend(FORMAT.to_le_bytes());
    header.extend(sum.to_le_bytes());
    header.extend(length.to_le_bytes());
    header.extend(stamp.to_bytes());
    header.extend(crc32fast::hash(&header).to_le_bytes());
    header
}

/// Opens a file of the folder if it is of this stamp, whole and undamaged.
fn open(path: &Path, stamp: Stamp) -> io::Result<Bytes> {
    let mut file = File::open(path)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
    // Read rather than mapped, for pages that are mapped once count as memory of the process.
    let mut found = [0; HEADER_BYTES];
    file.read_exact(&mut found)?;
    let mut sum = crc32fast::Hasher::new();
    let mut length = 0;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        sum.update(buffer.get(..count).unwrap_or_default());
        length += count as u64;
    }
    if header(sum.finalize(), length, stamp) != found {
        return Err(damaged());
    }
    Bytes::mapped(&file, HEADER_BYTES)
}

/// A writer that sums up what it writes.
struct Summed<W> {
    out: W,
    sum: crc32fast::Hasher,
    length: u64,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.sum.update(bytes.get(..count).unwrap_or_default());
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn content_is_made_once_and_again_when_source_or_file_change() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("a/b");
        let cache_folder = CacheFolder::open(&cache).unwrap();
        let source = folder.path().join("source");
        fs::write(&source, "one").unwrap();
        let made = Cell::new(0);
        let get = || {
            let make = |out: &mut dyn Write| {
                made.set(made.get() + 1);
                Ok(out.write_all(&fs::read(&source)?)?)
            };
            cache_folder.get_or_make("x", &source, &make).unwrap()
        };
        let first = get();
        assert_eq!(
            (&*first, &*get(), made.get()),
            (&b"one"[..], &b"one"[..], 1)
        );
        fs::write(&source, "two").unwrap();
        assert_eq!((&*get(), made.get()), (&b"two"[..], 2));
        // What was opened before still is what it was.
        assert_eq!(&*first, b"one");
        let [file] = &files(&cache)[..] else {
            panic!("one file, not that of the earlier state")
        };
        let good = fs::read(file).unwrap();
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] ^= 0x10;
            fs::remove_file(file).unwrap();
            fs::write(file, bad).unwrap();
            assert_eq!((&*get(), made.get()), (&b"two"[..], 3 + 2 * position));
            fs::remove_file(file).unwrap();
            fs::write(file, &good[..position]).unwrap();
            assert_eq!((&*get(), made.get()), (&b"two"[..], 4 + 2 * position));
        }
        assert_eq!(fs::read(file).unwrap(), good);
    }

    #[test]
    fn a_source_that_fails_or_changes_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheFolder::open(&folder.path().join("cache")).unwrap();
        let source = folder.path().join("source");
        fs::write(&source, "one").unwrap();
        let fails = |_: &mut dyn Write| Err(MakeError::Source("bad".to_owned()));
        let outcome = cache.get_or_make("x", &source, &fails);
        assert!(matches!(outcome, Err(MakeError::Source(reason)) if reason == "bad"));
        let changes = |out: &mut dyn Write| {
            let length = fs::metadata(&source)?.len();
            fs::write(&source, vec![0; length as usize + 1])?;
            Ok(out.write_all(b"mixed")?)
        };
        let outcome = cache.get_or_make("x", &source, &changes);
        assert!(matches!(outcome, Err(MakeError::Source(reason)) if reason.contains("changes")));
        assert_eq!(files(&folder.path().join("cache")), Vec::<PathBuf>::new());
    }

    #[test]
    fn the_number_of_files_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheFolder::open(&folder.path().join("cache")).unwrap();
        for number in 0..MAX_FILES + 9 {
            let source = folder.path().join(number.to_string());
            fs::write(&source, "x").unwrap();
            let make = |out: &mut dyn Write| Ok(out.write_all(b"x")?);
            cache.get_or_make("x", &source, &make).unwrap();
        }
        assert_eq!(files(&folder.path().join("cache")).len(), MAX_FILES);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(CacheFolder::open(&file.join("below")).is_err());
    }
}
