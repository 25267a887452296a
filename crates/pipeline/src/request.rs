//! The request line of HTTP into fields of the common schema.

use yagura_model::{Arena, Value};

use crate::Draft;

/// The parts of a request line, as the log's pattern found them.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestLine<'a> {
    /// `GET`, `POST`, …
    pub method: Option<&'a str>,
    /// Path with query, or a whole URL, or `host:port`.
    pub target: Option<&'a str>,
    /// Version of HTTP, such as `1.1`.
    pub version: Option<&'a str>,
    /// The whole line, where it has no such parts.
    pub raw: Option<&'a str>,
}

/// What a request's target says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Target<'a> {
    domain: Option<&'a str>,
    port: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
    extension: Option<&'a str>,
}

/// Puts a request line into `http.*` and `url.*`, the target decoded and taken apart.
pub fn put_request<'a>(draft: &mut Draft<'a>, line: RequestLine<'a>) {
    let given = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
    let (method, target) = (given(line.method), given(line.target));
    let version = given(line.version);
    let whole = target.filter(|_| method.is_some() && version.is_some());
    let original = given(line.raw).or(whole);
    let parts = Target::new(
        method.unwrap_or_default(),
        target.unwrap_or_default(),
        draft.arena,
    );
    let fields = [
        ("http.version", version),
        ("http.request.method", method),
        ("url.original", original),
        ("url.domain", parts.domain),
        ("url.port", parts.port),
        ("url.path", Some(parts.path)),
        ("url.query", parts.query),
        ("url.fragment", parts.fragment),
        ("url.extension", parts.extension),
    ];
    for (path, text) in fields {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            draft.put(path, Value::Text(text));
        }
    }
}

impl<'a> Target<'a> {
    fn new(method: &str, target: &'a str, arena: &'a Arena) -> Target<'a> {
        let (authority, path) = split_authority(method, target, arena);
        let (domain, port) = authority.map(split_port).unwrap_or_default();
        let path = decode_twice(path, arena);
        let (path, fragment) = match path.split_once('#') {
            Some((before, fragment)) if is_fragment(fragment) => (before, Some(fragment)),
            _ => (path, None),
        };
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let name = path.rsplit('/').next().unwrap_or_default();
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        Target {
            domain,
            port,
            path,
            query,
            fragment,
            extension: extension.filter(|extension| !extension.contains('\\')),
        }
    }
}

/// The `host:port` of a target that has one, and what follows it.
fn split_authority<'a>(
    method: &str,
    target: &'a str,
    arena: &'a Arena,
) -> (Option<&'a str>, &'a str) {
    let url = ["http://", "https://"]
        .iter()
        .find_map(|scheme| target.strip_prefix(scheme));
    if let Some(rest) = url {
        return match rest.find('/') {
            Some(at) => {
                let (authority, path) = rest.split_at(at);
                (Some(authority), path)
            }
            // Existing documents have the host as the path then.
            None => (Some(rest), arena.alloc_str(&format!("/{rest}"))),
        };
    }
    let is_tunnel = method.eq_ignore_ascii_case("CONNECT") && target.matches(':').count() == 1;
    match is_tunnel {
        true => (Some(target), ""),
        false => (None, target),
    }
}

/// Domain and port; neither if there is more than one colon.
fn split_port(authority: &str) -> (Option<&str>, Option<&str>) {
    match authority.split_once(':') {
        None => (Some(authority), None),
        Some((_, port)) if port.contains(':') => (None, None),
        Some((domain, port)) => (Some(domain), Some(port)),
    }
}

/// Whether what follows the first `#` is a fragment, and not part of an attack on the path.
fn is_fragment(text: &str) -> bool {
    !text.contains(|character: char| character.is_whitespace() || "#&(){}@_;<>".contains(character))
}

/// Decodes percent-encoding, and what it hid once more; what is no UTF-8 then stays encoded.
fn decode_twice<'a>(text: &'a str, arena: &'a Arena) -> &'a str {
    let mut text = text;
    for _ in 0..2 {
        let Some(decoded) = text.contains('%').then(|| decode(text)).flatten() else {
            break;
        };
        text = arena.alloc_str(&decoded);
    }
    text
}

/// Decodes `%XX`; `None` if the result is no UTF-8.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let hex = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high << 4 | low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_taken_apart() {
        // Method and target; domain, port, path, query, fragment, extension.
        for (request, expected) in [
            ("GET /", "- - / - - -"),
            ("GET /a/b.php?x=1&y=%41", "- - /a/b.php x=1&y=A - php"),
            (
                "POST http://www.example.com:8080/p.cgi?q",
                "www.example.com 8080 /p.cgi q - cgi",
            ),
            ("GET https://example.com/x", "example.com - /x - - -"),
            (
                "GET http://example.com",
                "example.com - /example.com - - com",
            ),
            ("CONNECT example.com:443", "example.com 443  - - -"),
            ("GET http://[2001:db8::1]:80/x", "- - /x - - -"),
            (
                "GET /%2e%2e/%2e%2e/etc/passwd",
                "- - /../../etc/passwd - - -",
            ),
            ("GET /%252e%252e/x", "- - /../x - - -"),
            ("GET /bad%FF?q=%41", "- - /bad%FF q=%41 - -"),
            ("GET /%E6%AB%93", "- - /櫓 - - -"),
            ("GET /100%", "- - /100% - - -"),
            ("GET /%2541%ff", "- - /%2541%ff - - -"),
            ("GET /page#top", "- - /page - top -"),
            ("GET /page#<b>", "- - /page#<b> - - -"),
            ("GET /a?b#c#d", "- - /a b#c#d - -"),
            ("OPTIONS *", "- - * - - -"),
            ("GET /dir.d/file", "- - /dir.d/file - - -"),
            (r"GET /w\x.y\z", r"- - /w\x.y\z - - -"),
        ] {
            let arena = Arena::new();
            let (method, target) = request.split_once(' ').unwrap();
            let target = Target::new(method, target, &arena);
            let part = |part: Option<&'_ str>| part.unwrap_or("-").to_owned();
            let parts = [
                part(target.domain),
                part(target.port),
                target.path.to_owned(),
                part(target.query),
                part(target.fragment),
                part(target.extension),
            ];
            assert_eq!(parts.join(" "), expected, "{request}");
        }
    }
}
