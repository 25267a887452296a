//! The built page inside the binary: its files, packed beforehand, with what a cache needs to know.
//!
//! The build of the page leaves a `.br` and a `.gz` beside each file worth packing; a request gets
//! the smallest form it accepts.

mod encoding;

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_embed::{EmbeddedFile, RustEmbed};

pub use encoding::Encoding;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Dist;

/// One file of the page in the form a client accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Bytes, packed if `encoding` says so.
    pub bytes: Cow<'static, [u8]>,
    /// Media type.
    pub content_type: &'static str,
    /// Content encoding: `br`, `gzip`, or none.
    pub encoding: Option<&'static str>,
    /// Entity tag with its quotes; different for each form.
    pub etag: String,
    /// Value of `Cache-Control`: files with a hash in their name never change.
    pub cache_control: &'static str,
}

/// Finds a file by its path without the leading `/` and the request's `Accept-Encoding`.
///
/// **Example**: `asset("assets/index-CLHgPCqF.js", "gzip, br")`.
pub fn asset(path: &str, accept_encoding: &str) -> Option<Asset> {
    if Encoding::of_packed_name(path).is_some() {
        return None;
    }
    let plain = Dist::get(path)?;
    let packed = encoding::accepted(accept_encoding)
        .into_iter()
        .find_map(|encoding| Some((encoding, packed(path, encoding)?)));
    let (encoding, file) = match packed {
        Some((encoding, file)) => (Some(encoding), file),
        None => (None, plain),
    };
    Some(Asset {
        etag: etag(&file, encoding),
        bytes: file.data,
        content_type: content_type(path),
        encoding: encoding.map(Encoding::name),
        cache_control: cache_control(path),
    })
}

/// The page's own document, which every path that is not a file gets.
pub fn index_html(accept_encoding: &str) -> Option<Asset> {
    asset("index.html", accept_encoding)
}

/// The packed form of a file, if the page's build made one.
fn packed(path: &str, encoding: Encoding) -> Option<EmbeddedFile> {
    Dist::get(&format!("{path}{}", encoding.suffix()))
}

fn etag(file: &EmbeddedFile, encoding: Option<Encoding>) -> String {
    let mut tag = String::from("\"");
    for byte in file.metadata.sha256_hash().iter().take(12) {
        // Writing to a `String` does not fail.
        let _ = write!(tag, "{byte:02x}");
    }
    if let Some(encoding) = encoding {
        tag.push('-');
        tag.push_str(encoding.name());
    }
    tag.push('"');
    tag
}

fn cache_control(path: &str) -> &'static str {
    if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_always_there() {
        let page = index_html("").unwrap();
        assert!(page.bytes.starts_with(b"<!doctype html>"));
        assert_eq!(page.content_type, "text/html; charset=utf-8");
        assert_eq!((page.encoding, page.cache_control), (None, "no-cache"));
        assert!(page.etag.starts_with('"') && page.etag.ends_with('"'));
    }

    #[test]
    fn every_file_is_served_in_each_form_it_has() {
        for name in Dist::iter() {
            if Encoding::of_packed_name(&name).is_some() {
                assert_eq!(asset(&name, "br, gzip"), None, "{name}");
                continue;
            }
            let plain = asset(&name, "identity").unwrap();
            assert_ne!(plain.content_type, "application/octet-stream", "{name}");
            let is_hashed = plain.cache_control.contains("immutable");
            assert_eq!(is_hashed, name.starts_with("assets/"), "{name}");
            for (encoding, wanted) in [(Encoding::Brotli, "br"), (Encoding::Gzip, "gzip")] {
                let Some(expected) = packed(&name, encoding) else {
                    continue;
                };
                let found = asset(&name, wanted).unwrap();
                assert_eq!(found.encoding, Some(wanted), "{name}");
                assert_eq!(found.bytes, expected.data, "{name}");
                assert!(found.bytes.len() < plain.bytes.len(), "{name}");
                assert_ne!(found.etag, plain.etag, "{name}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_none() {
        for path in ["", "assets/none.js", "../Cargo.toml", "/index.html"] {
            assert_eq!(asset(path, ""), None, "{path}");
        }
    }
}
