//! A small writer of MaxMind databases, for measurements on ones of real size.
//!
//! **source**: <https://maxmind.github.io/MaxMind-DB/>

use std::io::{self, Write};

/// Marks a record of the tree as the place of data while the tree is built.
const DATA: u32 = 1 << 31;
/// Zero bytes between tree and data.
const SEPARATOR_BYTES: u32 = 16;

/// A value of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number with fraction.
    Double(f64),
    /// A whole number.
    Unsigned(u32),
    /// Members in their order.
    Map(Vec<(&'static str, Value)>),
}

impl Value {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Text(text) => {
                control(out, 2, text.len());
                out.extend(text.as_bytes());
            }
            Value::Double(number) => {
                control(out, 3, 8);
                out.extend(number.to_be_bytes());
            }
            Value::Unsigned(number) => {
                control(out, 6, 4);
                out.extend(number.to_be_bytes());
            }
            Value::Map(members) => {
                control(out, 7, members.len());
                for (key, value) in members {
                    control(out, 2, key.len());
                    out.extend(key.as_bytes());
                    value.write(out);
                }
            }
        }
    }
}

/// Type and length of a value; lengths from 284 on are written with two more bytes, up to 65,820.
fn control(out: &mut Vec<u8>, kind: u8, length: usize) {
    match length {
        0..29 => out.push(kind << 5 | length as u8),
        29..285 => out.extend([kind << 5 | 29, (length - 29) as u8]),
        _ => {
            out.push(kind << 5 | 30);
            out.extend(((length - 285) as u16).to_be_bytes());
        }
    }
}

/// A database of IPv4 networks that is being made.
#[derive(Debug, Clone)]
pub struct Mmdb {
    /// For each node where bit 0 and bit 1 lead; 0 is nowhere.
    nodes: Vec<[u32; 2]>,
    data: Vec<u8>,
}

impl Default for Mmdb {
    fn default() -> Self {
        Mmdb {
            nodes: vec![[0; 2]],
            data: Vec::new(),
        }
    }
}

impl Mmdb {
    /// A database without networks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record and gives its place, for [`Mmdb::network`].
    pub fn record(&mut self, record: &Value) -> u32 {
        let place = self.data.len() as u32;
        record.write(&mut self.data);
        place
    }

    /// Leads a network of at most 32 bits to a record; networks must not overlap.
    pub fn network(&mut self, first: u32, prefix: u32, record: u32) {
        let mut node = 0;
        for depth in 0..prefix {
            let bit = (first >> (31 - depth) & 1) as usize;
            if depth + 1 == prefix {
                self.nodes[node][bit] = DATA | record;
                return;
            }
            node = match self.nodes[node][bit] {
                0 => {
                    self.nodes.push([0; 2]);
                    let added = self.nodes.len() - 1;
                    self.nodes[node][bit] = added as u32;
                    added
                }
                next => next as usize,
            };
        }
    }

    /// Writes the database as of a type such as `GeoLite2-City`.
    pub fn write(&self, database_type: &str, out: &mut dyn Write) -> io::Result<()> {
        let count = self.nodes.len() as u32;
        for next in self.nodes.iter().flatten() {
            let record = match next {
                0 => count,
                next if next & DATA != 0 => count + SEPARATOR_BYTES + (next & !DATA),
                next => *next,
            };
            out.write_all(&record.to_be_bytes())?;
        }
        out.write_all(&[0; SEPARATOR_BYTES as usize])?;
        out.write_all(&self.data)?;
        let mut metadata = b"\xab\xcd\xefMaxMind.com".to_vec();
        control(&mut metadata, 7, 9);
        let mut member = |key: &str, value: &dyn Fn(&mut Vec<u8>)| {
            Value::Text(key.to_owned()).write(&mut metadata);
            value(&mut metadata);
        };
        let short = |number: u16| {
            move |out: &mut Vec<u8>| {
                control(out, 5, 2);
                out.extend(number.to_be_bytes());
            }
        };
        member("node_count", &|out| Value::Unsigned(count).write(out));
        member("record_size", &short(32));
        member("ip_version", &short(4));
        member("database_type", &|out| {
            Value::Text(database_type.to_owned()).write(out);
        });
        // An array and a 64-bit number have their types in a second byte.
        member("languages", &|out| out.extend([0, 11 - 7]));
        member("binary_format_major_version", &short(2));
        member("binary_format_minor_version", &short(0));
        member("build_epoch", &|out| out.extend([1, 9 - 7, 1]));
        member("description", &|out| Value::Map(Vec::new()).write(out));
        out.write_all(&metadata)
    }
}
