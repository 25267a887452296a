//! One line of syslog, in the form of RFC 5424 or of RFC 3164, into its parts.

use std::borrow::Cow;

/// A line of syslog, taken apart.
///
/// What the line does not say, or says with `-`, is `None`. Times are as written: ISO 8601, or
/// `Mon D HH:MM:SS` without a year.
///
/// **Source** RFC 5424 section 6, RFC 3164 section 4.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyslogLine<'l> {
    /// Facility and severity; files mostly lack them.
    pub priority: Option<Priority>,
    /// When it happened.
    pub timestamp: Option<&'l str>,
    /// The sender.
    pub host: Option<&'l str>,
    /// The program.
    pub app: Option<&'l str>,
    /// Its process.
    pub process_id: Option<&'l str>,
    /// Kind of message (RFC 5424 only).
    pub message_id: Option<&'l str>,
    /// Structured data (RFC 5424 only).
    pub structured_data: Vec<StructuredElement<'l>>,
    /// The rest of the line.
    pub message: &'l str,
}

/// One element of structured data: its id, and its parameters with their escapes decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructuredElement<'l> {
    /// The id, such as `exampleSDID@32473`.
    pub id: &'l str,
    /// Name and value of each parameter.
    pub parameters: Vec<(&'l str, Cow<'l, str>)>,
}

/// The number in angle brackets at the start of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority(u8);

impl Priority {
    /// The facility, 0 to 23.
    pub fn facility(self) -> u8 {
        self.0 >> 3
    }

    /// The severity, 0 (emergency) to 7 (debug).
    pub fn severity(self) -> u8 {
        self.0 & 7
    }

    /// The usual short name of the facility.
    pub fn facility_name(self) -> &'static str {
        const NAMES: [&str; 24] = [
            "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
            "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2",
            "local3", "local4", "local5", "local6", "local7",
        ];
        NAMES
            .get(usize::from(self.facility()))
            .copied()
            .unwrap_or_default()
    }

    /// The usual short name of the severity.
    pub fn severity_name(self) -> &'static str {
        const NAMES: [&str; 8] = [
            "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
        ];
        NAMES
            .get(usize::from(self.severity()))
            .copied()
            .unwrap_or_default()
    }
}

impl<'l> SyslogLine<'l> {
    /// Takes a line apart; `None` if it has neither a priority nor a time in front.
    pub fn parse(line: &'l str) -> Option<SyslogLine<'l>> {
        let (priority, rest) = match take_priority(line) {
            Some((priority, rest)) => (Some(priority), rest),
            None => (None, line),
        };
        if priority.is_some()
            && let Some(mut parsed) = parse_rfc5424(rest)
        {
            parsed.priority = priority;
            return Some(parsed);
        }
        let mut parsed = parse_rfc3164(rest);
        parsed.priority = priority;
        (priority.is_some() || parsed.timestamp.is_some()).then_some(parsed)
    }
}

/// Takes `<0>` to `<191>`.
fn take_priority(line: &str) -> Option<(Priority, &str)> {
    let (digits, rest) = line.strip_prefix('<')?.split_once('>')?;
    let is_number = (1..=3).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    let number: u8 = is_number.then(|| digits.parse().ok()).flatten()?;
    (number <= 191).then_some((Priority(number), rest))
}

/// What follows the priority in a line of RFC 5424, which begins with the version.
fn parse_rfc5424(text: &str) -> Option<SyslogLine<'_>> {
    let mut parts = text.strip_prefix("1 ")?.splitn(6, ' ');
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let given = |part: &&str| *part != "-";
    let timestamp = Some(part()?).filter(given);
    if timestamp.is_some_and(|time| !is_iso8601(time)) {
        return None;
    }
    let host = Some(part()?).filter(given);
    let app = Some(part()?).filter(given);
    let process_id = Some(part()?).filter(given);
    let message_id = Some(part()?).filter(given);
    let (structured_data, rest) = take_structured_data(part()?)?;
    let message = match rest.strip_prefix(' ') {
        Some(message) => message.strip_prefix('\u{feff}').unwrap_or(message),
        None if rest.is_empty() => rest,
        None => return None,
    };
    Some(SyslogLine {
        priority: None,
        timestamp,
        host,
        app,
        process_id,
        message_id,
        structured_data,
        message,
    })
}

/// Takes `-`, or elements in square brackets one behind the other.
fn take_structured_data(text: &str) -> Option<(Vec<StructuredElement<'_>>, &str)> {
    let mut elements = Vec::new();
    if let Some(rest) = text.strip_prefix('-') {
        return Some((elements, rest));
    }
    let mut rest = text;
    while let Some(element) = rest.strip_prefix('[') {
        let end = element.find(is_no_name)?;
        let (id, mut inside) = element.split_at(end);
        let mut parameters = Vec::new();
        while let Some(parameter) = inside.strip_prefix(' ') {
            let (name, value) = parameter.split_once("=\"")?;
            let is_name = !name.is_empty() && !name.contains(is_no_name);
            let (value, after) = take_value(value)?;
            is_name.then(|| parameters.push((name, value)))?;
            inside = after;
        }
        rest = inside.strip_prefix(']').filter(|_| !id.is_empty())?;
        elements.push(StructuredElement { id, parameters });
    }
    (!elements.is_empty()).then_some((elements, rest))
}

fn is_no_name(character: char) -> bool {
    matches!(character, ' ' | '=' | ']' | '"') || character.is_control()
}

/// Takes a value to its closing quote; a backslash hides a quote, a bracket and itself.
fn take_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut decoded = String::new();
    let (mut from, mut at) = (0, 0);
    let bytes = text.as_bytes();
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) if from == 0 => return Some((Cow::Borrowed(&text[..at]), &text[at + 1..])),
            (b'"', _) => {
                decoded.push_str(&text[from..at]);
                return Some((Cow::Owned(decoded), &text[at + 1..]));
            }
            (_, Some(b'"' | b'\\' | b']')) => {
                decoded.push_str(&text[from..at]);
                from = at + 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// What follows the priority, if there is one, in a line of RFC 3164.
fn parse_rfc3164(text: &str) -> SyslogLine<'_> {
    let unknown = SyslogLine {
        message: text,
        ..SyslogLine::default()
    };
    let Some((timestamp, rest)) = take_timestamp(text) else {
        return unknown;
    };
    let content = rest.trim_start_matches(' ');
    let (host, rest) = content.split_once(' ').unwrap_or((content, ""));
    // A program where the host should be: the line names no host.
    let (host, content) = match take_tag(host) {
        Some(_) => (None, content),
        None => (Some(host).filter(|host| !host.is_empty()), rest),
    };
    let content = content.trim_start_matches(' ');
    let (app, process_id, message) = match take_tag(content) {
        Some((app, process_id, message)) => (Some(app), process_id, message),
        None => (None, None, content),
    };
    SyslogLine {
        timestamp: Some(timestamp),
        host,
        app,
        process_id,
        message,
        ..unknown
    }
}

/// Takes `Mon D HH:MM:SS` with an optional fraction, or a time in ISO 8601.
fn take_timestamp(text: &str) -> Option<(&str, &str)> {
    let word_end = text.find(' ').unwrap_or(text.len());
    if is_iso8601(&text[..word_end]) {
        return Some(text.split_at(word_end));
    }
    let (month, rest) = text.split_at_checked(3)?;
    const MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    let is_month = !month.contains(' ') && MONTHS.contains(month);
    let day = rest.strip_prefix(' ').filter(|_| is_month)?;
    let day = day.strip_prefix(' ').unwrap_or(day);
    let (day, time) = day.split_once(' ')?;
    let is_day = matches!(day.len(), 1 | 2) && day.bytes().all(|byte| byte.is_ascii_digit());
    let time_end = time.find([' ', ':']).filter(|_| is_day)?;
    // `HH:MM:SS` may be followed by a colon, as network devices write it.
    let time_end = time_end
        + time
            .get(time_end..)?
            .find(' ')
            .unwrap_or(time.len() - time_end);
    let clock = time.get(..time_end)?.trim_end_matches(':');
    is_clock(clock).then(|| {
        let end = text.len() - time.len() + clock.len();
        let rest = &text[end..];
        (&text[..end], rest.strip_prefix(':').unwrap_or(rest))
    })
}

/// Whether a text is `HH:MM:SS`, with or without a fraction.
fn is_clock(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    has_shape(clock, "00:00:00")
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text begins like `2003-10-11T22:14:15`.
fn is_iso8601(text: &str) -> bool {
    let start = text.get(..19).unwrap_or_default();
    has_shape(start, "0000-00-00T00:00:00")
}

/// Whether a text has digits where the shape has zeros, and the shape's characters elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    let mut pairs = text.bytes().zip(shape.bytes());
    text.len() == shape.len()
        && pairs.all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            expected => byte == expected,
        })
}

/// Takes `app:` or `app[pid]:` before a blank or the end, and gives what follows the blank.
fn take_tag(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let end = text.find([':', '[', ' '])?;
    let (app, rest) = text.split_at(end);
    let (process_id, rest) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (process_id, rest) = rest.split_once(']')?;
            (Some(process_id), rest)
        }
        None => (None, rest),
    };
    let rest = rest.strip_prefix(':').filter(|_| !app.is_empty())?;
    let message = match rest.strip_prefix(' ') {
        Some(message) => message,
        None if rest.is_empty() => rest,
        None => return None,
    };
    Some((app, process_id, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a line, `-` for what is missing: priority, time, host, app, process, message
    /// id, message.
    fn parts(line: &str) -> Option<String> {
        let parsed = SyslogLine::parse(line)?;
        let priority = parsed.priority.map(|priority| {
            let (facility, severity) = (priority.facility_name(), priority.severity_name());
            format!("{facility}.{severity}")
        });
        let text = |part: Option<&str>| part.unwrap_or("-").to_owned();
        let parts = [
            text(priority.as_deref()),
            text(parsed.timestamp),
            text(parsed.host),
            text(parsed.app),
            text(parsed.process_id),
            text(parsed.message_id),
            parsed.message.to_owned(),
        ];
        Some(parts.join("|"))
    }

    #[test]
    fn lines_of_rfc_5424() {
        for (line, expected) in [
            (
                "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{feff}'su root' failed for lonvick on /dev/pts/8",
                "auth.crit|2003-10-11T22:14:15.003Z|mymachine.example.com|su|-|ID47|'su root' failed for lonvick on /dev/pts/8",
            ),
            (
                "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
                "local4.notice|2003-08-24T05:14:15.000003-07:00|192.0.2.1|myproc|8710|-|%% It's time to make the do-nuts.",
            ),
            (
                r#"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] An application event log entry..."#,
                "local4.notice|2003-10-11T22:14:15.003Z|mymachine.example.com|evntslog|-|ID47|An application event log entry...",
            ),
            ("<0>1 - - - - - -", "kern.emerg|-|-|-|-|-|"),
            ("<191>1 - - - - - - ", "local7.debug|-|-|-|-|-|"),
        ] {
            assert_eq!(parts(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn lines_of_rfc_3164() {
        for (line, expected) in [
            (
                "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
                "auth.crit|Oct 11 22:14:15|mymachine|su|-|-|'su root' failed for lonvick on /dev/pts/8",
            ),
            (
                "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
                "user.notice|Feb  5 17:32:18|10.0.0.99|-|-|-|Use the BFG!",
            ),
            (
                "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time",
                "local4.notice|Aug 24 05:34:00|CST|-|-|-|1987 mymachine myproc[10]: %% It's time",
            ),
            (
                "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org sched[0]: That's All Folks!",
                "kern.emerg|-|-|-|-|-|1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org sched[0]: That's All Folks!",
            ),
            (
                "Jan  2 03:04:05 ip-192-0-2-1 sshd[1234]: Accepted publickey",
                "-|Jan  2 03:04:05|ip-192-0-2-1|sshd|1234|-|Accepted publickey",
            ),
            (
                "2024-01-02T03:04:05.123456+09:00 web-1 systemd[1]: Started",
                "-|2024-01-02T03:04:05.123456+09:00|web-1|systemd|1|-|Started",
            ),
            (
                "<166>Jan  2 03:04:05.678 2001:db8::1 %ASA-6-302013: Built",
                "local4.info|Jan  2 03:04:05.678|2001:db8::1|%ASA-6-302013|-|-|Built",
            ),
            (
                "<13>Jan  2 03:04:05: router: up",
                "user.notice|Jan  2 03:04:05|-|router|-|-|up",
            ),
            ("Jan  2 03:04:05", "-|Jan  2 03:04:05|-|-|-|-|"),
            (
                "<13>Jan  2 03:04:05 host http://example.com/",
                "user.notice|Jan  2 03:04:05|host|-|-|-|http://example.com/",
            ),
            ("<13>", "user.notice|-|-|-|-|-|"),
            (
                "<34>1 yesterday host app - - - x",
                "auth.crit|-|-|-|-|-|1 yesterday host app - - - x",
            ),
        ] {
            assert_eq!(parts(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn lines_that_are_no_syslog() {
        for line in [
            "",
            "Use the BFG!",
            "<>x",
            "<192>Jan  2 03:04:05 host x",
            "<013>x",
            "<+1>x",
            "<1x>",
            "Jux  2 03:04:05 host x",
            "Jan  2 3:04:05 host x",
            "Jan 123 03:04:05 host",
            "Jané 2 03:04:05",
            "櫓",
            "2024-01-02 03:04:05 host",
        ] {
            assert_eq!(parts(line), None, "{line}");
        }
    }

    #[test]
    fn structured_data_is_decoded() {
        let line = r#"<14>1 - h a p m [a@1 k="v" q="\"\]\\\n" e=""][b@2] text"#;
        let parsed = SyslogLine::parse(line).unwrap();
        let expected = [
            StructuredElement {
                id: "a@1",
                parameters: vec![
                    ("k", "v".into()),
                    ("q", r#""]\\n"#.into()),
                    ("e", "".into()),
                ],
            },
            StructuredElement {
                id: "b@2",
                parameters: vec![],
            },
        ];
        assert_eq!(parsed.structured_data, expected);
        assert_eq!(parsed.message, "text");
        for broken in [
            "[",
            "[]",
            "[a",
            "[a k]",
            "[a k=v]",
            r#"[a k="v]"#,
            r#"[a k="\"#,
            "x",
            "[a]x",
        ] {
            let line = format!("<14>1 - h a p m {broken}");
            let parsed = SyslogLine::parse(&line).unwrap();
            assert_eq!(parsed.message, &line["<14>".len()..], "{line}");
        }
    }
}
