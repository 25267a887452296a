//! Documents compared with those that an earlier run of `yagura parse` printed.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;

use anyhow::Context;

/// Differences that are shown; the others are counted.
const SHOWN: u64 = 3;

/// The lines that are still to come.
pub struct Expected {
    lines: Lines<BufReader<File>>,
    number: u64,
    differences: u64,
}

impl Expected {
    /// Opens the file that an earlier run wrote.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
        Ok(Expected {
            lines: BufReader::new(file).lines(),
            number: 0,
            differences: 0,
        })
    }

    /// Compares the next document.
    pub fn compare(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let is = line.trim_end();
        self.number += 1;
        let expected = self.lines.next().and_then(Result::ok);
        if expected.as_deref() != Some(is) {
            self.differ(expected.as_deref(), Some(is));
        }
    }

    /// Whether all documents were as expected, and none is missing.
    pub fn finish(mut self) -> bool {
        while let Some(Ok(missing)) = self.lines.next() {
            self.number += 1;
            self.differ(Some(&missing), None);
        }
        match self.differences {
            0 => eprintln!("all {} documents are as expected", self.number),
            count => eprintln!("{count} of {} documents differ", self.number),
        }
        self.differences == 0
    }

    fn differ(&mut self, expected: Option<&str>, is: Option<&str>) {
        self.differences += 1;
        if self.differences <= SHOWN {
            eprintln!("document {} differs:", self.number);
            eprintln!("  expected {}", expected.unwrap_or("none"));
            eprintln!("  is       {}", is.unwrap_or("none"));
        }
    }
}
