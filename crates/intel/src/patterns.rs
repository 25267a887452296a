//! The patterns of known user agents, each compiled when a text comes that it may match.
//!
//! There are more than a thousand, which take a third of a second and tens of megabytes to compile;
//! the texts of a day match some dozens of them.

use std::io::Read;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use flate2::read::GzDecoder;
use ua_parser::{Regexes, device, os, user_agent};

/// The patterns of uap-core, see `data/README.md`.
const PATTERNS: &[u8] = include_bytes!("../data/user-agents.json.gz");
/// What each pattern needs, in the order of the lists below: groups with tabs between them, of each
/// of which it needs one of the texts with bars between them.
const NEEDED: &str = include_str!("../data/user-agents.needed.txt");

/// A pattern that is compiled when it is first tried; `None` only if the vendored file were broken,
/// which a test excludes.
type Lazy<E> = LazyLock<Option<E>, Box<dyn FnOnce() -> Option<E> + Send>>;

/// All patterns.
pub(crate) struct Patterns {
    browsers: List<user_agent::Extractor<'static>>,
    systems: List<os::Extractor<'static>>,
    devices: List<device::Extractor<'static>>,
    needed: Needed,
}

/// What the patterns tell of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found<'t> {
    pub(crate) browser: Option<user_agent::ValueRef<'t>>,
    pub(crate) system: Option<os::ValueRef<'t>>,
    pub(crate) device: Option<device::ValueRef<'t>>,
}

impl Patterns {
    /// Reads the patterns and compiles none; `None` only if the vendored files were broken.
    pub(crate) fn read() -> Option<Patterns> {
        let patterns = vendored()?;
        let browsers = List::new(0, patterns.user_agent_parsers, |parser| {
            let builder = user_agent::Builder::new().push(parser).ok()?;
            builder.build().ok()
        });
        let systems = List::new(browsers.end(), patterns.os_parsers, |parser| {
            let builder = os::Builder::new().push(parser).ok()?;
            builder.build().ok()
        });
        let devices = List::new(systems.end(), patterns.device_parsers, |parser| {
            let builder = device::Builder::new().push(parser).ok()?;
            builder.build().ok()
        });
        let needed = Needed::read(devices.end())?;
        Some(Patterns {
            browsers,
            systems,
            devices,
            needed,
        })
    }

    /// Takes a text apart: the first pattern of each list that matches tells.
    pub(crate) fn find<'t>(&'t self, text: &'t str) -> Found<'t> {
        let likely = self.needed.likely(text);
        Found {
            browser: self.browsers.first(&likely, |it| it.extract(text)),
            system: self.systems.first(&likely, |it| it.extract(text)),
            device: self.devices.first(&likely, |it| it.extract(text)),
        }
    }
}

fn vendored() -> Option<Regexes<'static>> {
    let mut json = Vec::new();
    GzDecoder::new(PATTERNS).read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

/// Patterns in the order in which they are tried.
struct List<E> {
    /// Number of the first one among all patterns.
    start: usize,
    patterns: Vec<Lazy<E>>,
}

impl<E: 'static> List<E> {
    fn new<P: Send + 'static>(
        start: usize,
        parsers: Vec<P>,
        compile: impl Fn(P) -> Option<E> + Copy + Send + 'static,
    ) -> Self {
        let lazy = |parser| -> Lazy<E> { LazyLock::new(Box::new(move || compile(parser))) };
        List {
            start,
            patterns: parsers.into_iter().map(lazy).collect(),
        }
    }

    fn end(&self) -> usize {
        self.start + self.patterns.len()
    }

    fn first<'t, T>(
        &'t self,
        likely: &[bool],
        mut extract: impl FnMut(&'t E) -> Option<T>,
    ) -> Option<T> {
        let likely = likely.get(self.start..self.end())?;
        let patterns = self.patterns.iter().zip(likely);
        let mut patterns = patterns.filter(|(_, is_likely)| **is_likely);
        patterns.find_map(|(pattern, _)| extract(LazyLock::force(pattern).as_ref()?))
    }
}

/// Tells which patterns may match a text.
struct Needed {
    texts: AhoCorasick,
    /// The patterns that need one of these texts, each with the bit of the group, by text.
    patterns: Vec<Vec<(usize, u8)>>,
    /// The bits of all groups, by pattern.
    groups: Vec<u8>,
}

impl Needed {
    /// `None` if not every pattern has its line.
    fn read(count: usize) -> Option<Needed> {
        let mut texts: Vec<&str> = Vec::new();
        let mut patterns: Vec<Vec<(usize, u8)>> = Vec::new();
        let mut places = hashbrown::HashMap::new();
        let mut groups = Vec::with_capacity(count);
        for (number, line) in NEEDED.lines().enumerate() {
            let mut bits = 0;
            for group in line.split('\t').filter(|group| !group.is_empty()) {
                let bit = bits + 1;
                bits |= bit;
                for text in group.split('|') {
                    let place = *places.entry(text).or_insert_with(|| {
                        texts.push(text);
                        patterns.push(Vec::new());
                        texts.len() - 1
                    });
                    patterns.get_mut(place)?.push((number, bit));
                }
            }
            groups.push(bits);
        }
        let texts = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(texts)
            .ok()?;
        (groups.len() == count).then_some(Needed {
            texts,
            patterns,
            groups,
        })
    }

    /// Of each pattern whether it may match.
    fn likely(&self, text: &str) -> Vec<bool> {
        let mut missing = self.groups.clone();
        for found in self.texts.find_overlapping_iter(text) {
            let patterns = self.patterns.get(found.pattern().as_usize());
            for (number, bit) in patterns.into_iter().flatten() {
                if let Some(missing) = missing.get_mut(*number) {
                    *missing &= !bit;
                }
            }
        }
        missing.iter().map(|missing| *missing == 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use ua_parser::Extractor;

    use super::*;

    /// Texts as they are seen, and pieces of them in another order, which match other patterns.
    fn texts() -> Vec<String> {
        let seen = [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)",
            "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/5.0 TV Safari/538.1",
            "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10",
            "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.213 exe/x86_64.amzn.2 prompt/off command/s3.cp",
            "Boto3/1.34.64 md/Botocore#1.34.64 ua/2.0 os/linux#5.10 md/arch#x86_64 lang/python#3.9.16",
            "aws-sdk-java/1.12.668 Linux/5.10 OpenJDK_64-Bit_Server_VM/17.0.10 java/17.0.10",
            "console.amazonaws.com",
            "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488]",
            "ELB-HealthChecker/2.0",
            "curl/8.5.0",
            "Wget/1.21.4",
            "python-requests/2.31.0",
            "okhttp/4.12.0",
            "Go-http-client/2.0",
            "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io)",
            "sqlmap/1.8#stable (https://sqlmap.org)",
            "Nokia6100/1.0 (04.01) Profile/MIDP-1.0 Configuration/CLDC-1.0",
            "",
            "-",
            "櫓 the watchtower",
        ];
        let pieces: Vec<&str> = seen.iter().flat_map(|text| text.split(' ')).collect();
        let mixed = (0..pieces.len()).map(|at| {
            let piece = |step: usize| pieces[(at * step + step) % pieces.len()];
            format!("{} {} {} {}", piece(1), piece(7), piece(31), piece(53))
        });
        let upper = seen.iter().map(|text| text.to_uppercase());
        let all = seen.iter().map(|text| (*text).to_owned());
        all.chain(mixed).chain(upper).collect()
    }

    #[test]
    fn only_patterns_that_cannot_match_are_passed_over() {
        let patterns = Patterns::read().unwrap();
        let all: Extractor<'_> = vendored().unwrap().try_into().unwrap();
        for text in texts() {
            let expected = Found {
                browser: all.ua.extract(&text),
                system: all.os.extract(&text),
                device: all.dev.extract(&text),
            };
            assert_eq!(patterns.find(&text), expected, "{text}");
        }
    }

    #[test]
    fn every_vendored_pattern_compiles() {
        let patterns = Patterns::read().unwrap();
        let broken =
            |list: &mut dyn Iterator<Item = bool>| list.filter(|is_whole| !is_whole).count();
        let browsers = patterns.browsers.patterns.iter();
        assert_eq!(broken(&mut browsers.map(|it| it.is_some())), 0);
        let systems = patterns.systems.patterns.iter();
        assert_eq!(broken(&mut systems.map(|it| it.is_some())), 0);
        let devices = patterns.devices.patterns.iter();
        assert_eq!(broken(&mut devices.map(|it| it.is_some())), 0);
    }

    #[test]
    fn few_patterns_are_tried() {
        let patterns = Patterns::read().unwrap();
        for text in texts() {
            let likely = patterns.needed.likely(&text);
            let count = likely.iter().filter(|is_likely| **is_likely).count();
            assert!(count * 10 < likely.len(), "{count} for {text}");
        }
    }
}
