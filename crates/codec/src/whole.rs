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
        // The trailer tells the size; padding behind it or damage shows as a wrong one.
        let mut trailer = [0; 4];
        let packed = body.seek(SeekFrom::End(0))?;
        if packed < trailer.len() as u64 {
            body.seek(SeekFrom::Start(0))?;
            return Ok(false);
        }
        body.seek(SeekFrom::End(-(trailer.len() as i64)))?;
        body.read_exact(&mut trailer)?;
        body.seek(SeekFrom::Start(0))?;
        let size = u64::from(u32::from_le_bytes(trailer));
        let is_small = packed.saturating_add(size) <= limits.whole_bytes as u64
            && size <= limits.decompressed_bytes
            && size <= packed.saturating_mul(MAX_RATIO);
        if !is_small {
            return Ok(false);
        }
        self.packed.clear();
        self.packed.reserve_exact(packed as usize);
        body.take(packed).read_to_end(&mut self.packed)?;
        body.seek(SeekFrom::Start(0))?;
        Ok(self.unpack_packed(trailer).is_some())
    }

    fn unpack_packed(&mut self, trailer: [u8; 4]) -> Option<()> {
        let size = u32::from_le_bytes(trailer) as usize;
        self.text.resize(size, 0);
        let decompressor = self.decompressor.get_or_insert_with(Decompressor::new);
        let unpacked = decompressor.gzip_decompress(&self.packed, &mut self.text);
        (unpacked.ok()? == size).then_some(())?;
        // The decoder stops behind the first member without telling where that is. Only if a
        // signature stands behind a trailer with that size, another member may follow.
        let [a, b, c, d] = trailer;
        let [x, y, z] = SIGNATURE;
        let seam = memchr::memmem::find(&self.packed, &[a, b, c, d, x, y, z]);
        seam.is_none().then_some(())
    }
}
