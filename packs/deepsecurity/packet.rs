//! The packet that Deep Security keeps with an event, in Base64.

use std::fmt::Write;

use yagura_model::is_ip_address;
use yagura_pipeline::Draft;

const PACKET: &str = "TrendMicroDsPacketData";
const FORWARDED: &str = "X-Forwarded-For: ";

/// Makes the packet readable without its cookies; the client that it names is the source.
pub(super) fn decode(draft: &mut Draft<'_>) {
    let Some(bytes) = draft.fields.text(PACKET).and_then(from_base64) else {
        return;
    };
    let text = escape(&bytes);
    let is_cookie = |line: &str| {
        line.get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("cookie"))
    };
    let lines = text.split_inclusive('\n').filter(|line| !is_cookie(line));
    let packet = draft.keep(&lines.collect::<String>());
    draft.put_text(PACKET, packet);
    let client = packet.split_once(FORWARDED).map(|(_, rest)| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        &rest[..end.unwrap_or(rest.len())]
    });
    if let Some(client) = client.filter(|client| is_ip_address(client)) {
        draft.put_text("source.ip", client);
    }
}

/// Text as it is, bytes that are no UTF-8 as `\xNN`.
fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a text cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Decodes Base64 with padding; `None` if it is anything else.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || !bytes.len().is_multiple_of(4) {
        return None;
    }
    let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = bytes
        .get(..bytes.len() - padding)
        .filter(|_| padding <= 2)?;
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut buffer, mut bits) = (0u32, 0);
    for digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::from_base64;

    #[test]
    fn base64_is_read_with_padding_only() {
        for (text, expected) in [
            ("TWFu", Some("Man")),
            ("TWE=", Some("Ma")),
            ("TQ==", Some("M")),
            ("TQ", None),
            ("T===", None),
            ("TW=u", None),
            ("!!!!", None),
            ("", None),
        ] {
            let decoded = from_base64(text);
            assert_eq!(decoded.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }
}
