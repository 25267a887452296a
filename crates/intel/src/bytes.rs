//! The bytes of a database: in memory of its own, or mapped from a file that nobody changes.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use memmap2::Mmap;

/// The bytes of a database, from a certain place on. A clone is of the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Bytes {
    place: Arc<Place>,
    from: usize,
}

#[derive(Debug)]
enum Place {
    Memory(Vec<u8>),
    Map(Mmap),
}

impl Bytes {
    /// Bytes in memory.
    pub(crate) fn in_memory(bytes: Vec<u8>) -> Self {
        Self {
            place: Arc::new(Place::Memory(bytes)),
            from: 0,
        }
    }

    /// The bytes of a file after its first `from`, read from the file whenever they are looked at.
    ///
    /// The file must be one of [`crate::CacheFolder`]: see the reason below.
    pub(crate) fn mapped(file: &File, from: usize) -> io::Result<Self> {
        #[expect(
            unsafe_code,
            reason = "mapped bytes must not change or go away while they are used. Files of a cache \
                      folder are written under another name and renamed when complete, never opened \
                      for writing again, and removed only by name, which leaves a mapped file where \
                      it is. The folder is Yagura's own and made for its user alone. All readers \
                      check bounds and take no byte on trust, so even a file that someone overwrites \
                      by force gives wrong answers but no access outside the map"
        )]
        // SAFETY: nobody writes to the file, as told above.
        let map = unsafe { Mmap::map(file)? };
        Ok(Self {
            place: Arc::new(Place::Map(map)),
            from,
        })
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let all: &[u8] = match &*self.place {
            Place::Memory(bytes) => bytes,
            Place::Map(map) => map,
        };
        all.get(self.from..).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
