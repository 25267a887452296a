//! Identifiers of EC2 instances in other texts.

/// The first id of an EC2 instance that stands alone in a text, such as `i-0123456789abcdef0`.
pub fn find_instance_id(text: &str) -> Option<&str> {
    text.match_indices("i-").find_map(|(at, _)| {
        let stands_alone = |next: Option<char>| next.is_none_or(|next| !next.is_alphanumeric());
        let before = text[..at].chars().next_back();
        let is_member = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        stands_alone(before).then_some(())?;
        // Short ids are those of instances from before 2018.
        [8, 17].into_iter().find_map(|length| {
            let id = text.get(at..at + 2 + length)?;
            let is_id = id.bytes().skip(2).all(is_member);
            let after = text.get(at + 2 + length..)?.chars().next();
            (is_id && stands_alone(after)).then_some(id)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_alone() {
        for (text, expected) in [
            ("i-12345678", Some("i-12345678")),
            ("xi-12345678", None),
            ("a_i-0123456789abcdef0_b", Some("i-0123456789abcdef0")),
            (
                "i-123 then i-0123456789abcdef0/x",
                Some("i-0123456789abcdef0"),
            ),
            ("i-1234567", None),
            ("i-123456789", None),
            ("/i-0123456789ABCDEF0/", None),
            ("櫓i-12345678", None),
            ("i-1234567櫓", None),
            ("", None),
        ] {
            assert_eq!(find_instance_id(text), expected, "{text}");
        }
    }
}
