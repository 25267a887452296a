//! MD5 sums of the lines that come next, several at once.

use std::collections::VecDeque;

use yagura_model::{LANES, Md5Sum, md5_sums};

use crate::text::trim;
use crate::text_buffer::{TextBuffer, find_line_end};

/// The sum of a line that was not reached yet.
struct Sum {
    /// Offset of the line in the stream.
    offset: u64,
    /// Bytes of the line without the blanks around it.
    length: usize,
    sum: Md5Sum,
}

/// Sums lines before they are reached, as far as the text was read.
#[derive(Default)]
pub(crate) struct SumsAhead {
    sums: VecDeque<Sum>,
}

impl SumsAhead {
    /// The sum of the record at the start of the pending text; `None` if it is not one line, or
    /// no other line could be summed with it.
    pub(crate) fn sum_of(&mut self, raw: &str, buffer: &TextBuffer<'_>) -> Option<Md5Sum> {
        let offset = buffer.byte_offset();
        while self.sums.front().is_some_and(|sum| sum.offset < offset) {
            self.sums.pop_front();
        }
        if self.sums.is_empty() {
            self.look_ahead(buffer);
        }
        // A row of a table may be more than its first line.
        let is_it = |sum: &&Sum| sum.offset == offset && sum.length == raw.len();
        self.sums.front().filter(is_it).map(|sum| sum.sum)
    }

    fn look_ahead(&mut self, buffer: &TextBuffer<'_>) {
        let pending = buffer.pending();
        let mut lines = [""; LANES];
        let mut start = 0;
        while self.sums.len() < LANES
            && let Some((end, width)) = find_line_end(pending, start, buffer.at_end())
        {
            let line = trim(&pending[start..end]);
            if !line.is_empty() {
                lines[self.sums.len()] = line;
                self.sums.push_back(Sum {
                    offset: buffer.byte_offset() + start as u64,
                    length: line.len(),
                    sum: Md5Sum::default(),
                });
            }
            start = end + width;
        }
        // For one line alone the lanes would be dearer than a plain sum.
        if self.sums.len() < 2 {
            return self.sums.clear();
        }
        let sums = md5_sums(&lines.map(str::as_bytes));
        for (line, sum) in self.sums.iter_mut().zip(sums) {
            line.sum = sum;
        }
    }
}
