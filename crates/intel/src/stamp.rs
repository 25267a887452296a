//! Tells whether a file is still the one that was read.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What the file system tells about a file and changes whenever its content does.
///
/// The content itself is not hashed: that would read the whole file at every
/// start. The time of the last change of the file's entry cannot be set back
/// the way the time of the content can, so a file put in place with an old
/// date is noticed too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp([u64; Stamp::NUMBERS]);

impl Stamp {
    const NUMBERS: usize = 6;
    /// Length of a stamp in a file.
    pub(crate) const BYTES: usize = 8 * Self::NUMBERS;

    /// The stamp of a file; `None` if there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
        // Changes of an SQLite database may still wait in a file beside it.
        let log = fs::metadata(write_ahead_log(path));
        let [log_bytes, log_changed] = log.map_or([0, 0], |log| [log.len(), modified(&log)]);
        let [changed, file] = entry(&metadata);
        let modified = modified(&metadata);
        let length = metadata.len();
        Some(Self([
            length,
            modified,
            changed,
            file,
            log_bytes,
            log_changed,
        ]))
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        self.0.iter().flat_map(|part| part.to_le_bytes()).collect()
    }
}

fn write_ahead_log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn modified(metadata: &Metadata) -> u64 {
    let since = |time: std::time::SystemTime| time.duration_since(UNIX_EPOCH).ok();
    let time: io::Result<_> = metadata.modified();
    time.ok()
        .and_then(since)
        .map_or(0, |age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX))
}

/// When the entry of a file was changed, and its number. The number of the device would differ
/// after every start where containers mount it.
#[cfg(unix)]
fn entry(metadata: &Metadata) -> [u64; 2] {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds = metadata
        .ctime()
        .wrapping_mul(1_000_000_000)
        .wrapping_add(metadata.ctime_nsec());
    [nanoseconds.cast_unsigned(), metadata.ino()]
}

/// Other systems tell nothing of the kind.
#[cfg(not(unix))]
fn entry(_metadata: &Metadata) -> [u64; 2] {
    [0; 2]
}
