//! Small gzip files, unpacked at once.

use std::io::{self, Read, Seek, SeekFrom};

use libdeflater::Decompressor;

use crate::{Limits, ObjectBody};

/// What every gzip member begins with: signature and the only method there is.
const SIGNATURE: [u8; 3] = [0x1f, 0x8b, 0x08];

/// How much longer than its packed form a text can be.
const MAX_RATIO: u64 = 1032;

/// A gzip file and what it holds; the memory serves one file after the other.
#[derive(Default)]
pub(crate) struct WholeGzip {
    packed: Vec<u8>,
    /// The content.
    pub(crate) text: Vec<u8>,
    decompressor: Option<Decompressor>,
}

impl WholeGzip {
    /// Unpacks the file if it is small and sound; false leaves it as it was, to be read as a stream.
    pub(crate) fn unpack(
        &mut self,
        body: &mut Box<dyn ObjectBody>,
        limits: &Limits,
    ) -> io::Result<bool> {
        let cap = limits.whole_bytes as u64;
        let cap = cap.min(limits.decompressed_bytes);
        if body.seek(SeekFrom::End(0))? > cap {
            body.seek(SeekFrom::Start(0))?;
            return Ok(false);
        }
        body.seek(SeekFrom::Start(0))?;
        self.packed.clear();
        body.take(cap).read_to_end(&mut self.packed)?;
        body.seek(SeekFrom::Start(0))?;
        Ok(self.unpack_packed(cap).is_some())
    }

    fn unpack_packed(&mut self, cap: u64) -> Option<()> {
        // The trailer tells the size; padding behind it or damage shows as a wrong one.
        let trailer = *self.packed.last_chunk()?;
        let size = u32::from_le_bytes(trailer);
        let most = self.packed.len() as u64 * MAX_RATIO;
        if u64::from(size) > cap.min(most) {
            return None;
        }
        self.text.resize(size as usize, 0);
        let decompressor = self.decompressor.get_or_insert_with(Decompressor::new);
        let unpacked = decompressor.gzip_decompress(&self.packed, &mut self.text);
        (unpacked.ok()? == size as usize).then_some(())?;
        // The decoder stops behind the first member without telling where that is. Only if a
        // signature stands behind a trailer with that size, another member may follow.
        let [a, b, c, d] = trailer;
        let [x, y, z] = SIGNATURE;
        let seam = memchr::memmem::find(&self.packed, &[a, b, c, d, x, y, z]);
        seam.is_none().then_some(())
    }
}
