//! Drafted sections load the sample that they were drafted from, without a failed record.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

mod support;

use serde_json::Value;
use support::yagura;

/// File name, content, records, and lines that the draft must have.
const SAMPLES: [(&str, &str, usize, &[&str]); 10] = [
    (
        "events.json",
        "{\"time\":\"2024-06-15T10:00:01Z\",\"event\":\"login\",\"user\":{\"name\":\"alice\"},\"client_ip\":\"198.51.100.7\"}\n{\"time\":\"2024-06-15T10:00:02Z\",\"event\":\"logout\",\"user\":{\"name\":\"bob\"},\"client_ip\":\"2001:db8::7\"}\n",
        2,
        &[
            "file_format = json",
            "timestamp_key = time",
            "timestamp_format = iso8601",
            "source.ip = client_ip",
            "user.name = user.name",
            "rename_scalars = event",
            "event.action = event_value",
        ],
    ),
    (
        "nested.json",
        "{\"version\":\"1\",\"Records\":[{\"eventTime\":1718445601123,\"userName\":\"alice\",\"sourceIPAddress\":\"198.51.100.7\"},{\"eventTime\":1718445602456,\"userName\":\"bob\",\"sourceIPAddress\":\"192.0.2.5\"}]}",
        2,
        &[
            "json_delimiter = Records",
            "timestamp_key = eventTime",
            "timestamp_format = epoch",
            "source.ip = sourceIPAddress",
            "user.name = userName",
        ],
    ),
    (
        "badges.csv",
        "date,username,door,srcip\n2024/06/15 10:00:01,alice,\"North, 1\",192.0.2.5\n2024/06/15 10:05:00,bob,South,2001:db8::5\n",
        2,
        &[
            "file_format = csv",
            "csv_delimiter = ,",
            "timestamp_key = date",
            "timestamp_format = %Y/%m/%d %H:%M:%S",
            "timestamp_tz = +00:00",
            "source.ip = srcip",
        ],
    ),
    (
        "no-header.csv",
        "1718445601;alice;192.0.2.5;ok\n1718445660;bob;192.0.2.6;denied\n1718445670;carol;;ok\n",
        3,
        &["file_format = text", "timestamp_format = auto"],
    ),
    (
        "fw.log",
        "date=2024-06-15 eventtime=1718445601123456789 devname=\"fw 1\" srcip=192.0.2.10 dstip=198.51.100.20 action=deny\ndate=2024-06-15 eventtime=1718445602123456789 devname=\"fw 1\" srcip=192.0.2.11 dstip=198.51.100.21 action=accept\n",
        2,
        &[
            "file_format = keyvalue",
            "timestamp_key = eventtime",
            "destination.ip = dstip",
            "event.action = action",
        ],
    ),
    (
        "shop-access.log",
        "shop.example.com 198.51.100.7 alice [15/Jun/2024:10:00:01 +0900] 0.012 \"GET /cart?id=1 HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0 (X11)\"\nshop.example.com 2001:db8::7 - [15/Jun/2024:10:00:05 +0900] 1.250 \"POST /login HTTP/2.0\" 401 - \"https://shop.example.com/\" \"curl/8.5.0\"\nshop.example.com 203.0.113.9 - [15/Jun/2024:10:01:00 +0900] 0.001 \"\\x16\\x03\\x01\" 400 157 \"-\" \"-\"\n",
        3,
        &[
            "file_format = text",
            "timestamp_format = %d/%b/%Y:%H:%M:%S %z",
            "source.ip = client_ip",
            "user.name = username",
            "url.original = uri",
            "http.response.status_code = status_code",
            "user_agent.original = useragent",
        ],
    ),
    (
        "sys.log",
        "Jun 15 10:00:01 web1 sshd[411]: Accepted password for alice from 203.0.113.9 port 22 ssh2\nJun 15 10:00:02 web1 CRON[412]: (root) CMD (run)\n",
        2,
        &[
            "file_format = syslog",
            "timestamp_key = syslog_timestamp",
            "timestamp_format = syslog",
            "host.name = hostname",
            "process.name = program",
        ],
    ),
    (
        "app.log",
        "2024-06-15 10:00:01,123 INFO  [main] com.example.App - starting\n2024-06-15 10:00:02,456 ERROR [worker-1] com.example.Db - failed\njava.lang.IllegalStateException: no\n\tat com.example.App.main(App.java:17)\n2024-06-15 10:00:03,789 WARN  [main] com.example.App - going on\n",
        3,
        &[
            "file_format = multiline",
            "timestamp_key = timestamp",
            "timestamp_format = iso8601",
            "log.level = level",
        ],
    ),
    (
        "prose.txt",
        "hello world\nthis is nothing special\n",
        2,
        &[
            "file_format = text",
            "log_pattern = (?P<message>.*)",
            "timestamp_format = auto",
        ],
    ),
    (
        "device.cef",
        "CEF:0|Acme|fw|1|100|drop|5|src=192.0.2.1 dst=198.51.100.1\n",
        1,
        &["file_format = cef", "source.ip = src"],
    ),
];

#[test]
fn drafts_load_their_samples() {
    let folder = tempfile::tempdir().unwrap();
    for (file, content, records, wanted) in SAMPLES {
        let sample = folder.path().join(file);
        let ini = folder.path().join(format!("{file}.ini"));
        std::fs::write(&sample, content).unwrap();
        let (sample, ini) = (sample.to_str().unwrap(), ini.to_str().unwrap());
        let draft = yagura(&["init-logtype", sample, "--name", "my-log"])
            .output()
            .unwrap();
        assert_eq!(draft.status.code(), Some(0), "{file}");
        let text = String::from_utf8(draft.stdout).unwrap();
        for line in wanted {
            assert!(
                text.lines().any(|found| found == *line),
                "{file}: `{line}` in\n{text}"
            );
        }
        std::fs::write(ini, &text).unwrap();
        let check = yagura(&["config", "check", "--user-ini", ini])
            .output()
            .unwrap();
        let told = String::from_utf8(check.stdout).unwrap();
        assert!(told.contains(" 0 errors, 0 warnings"), "{file}: {told}");
        let parse = ["parse", sample, "--key", "my-log/x", "--user-ini", ini];
        let parsed = yagura(&parse).output().unwrap();
        assert_eq!(parsed.status.code(), Some(0), "{file}");
        let lines = String::from_utf8(parsed.stdout).unwrap();
        assert_eq!(lines.lines().count(), records, "{file}\n{text}");
        for line in lines.lines() {
            let document: Value = serde_json::from_str(line).unwrap();
            assert_eq!(document["doc"]["@log_type"], "my-log", "{file}");
        }
    }
}

#[test]
fn what_cannot_be_drafted_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("x.png");
    std::fs::write(&image, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").unwrap();
    let empty = folder.path().join("empty.log");
    std::fs::write(&empty, b"").unwrap();
    for (path, name) in [
        (&image, "my-log"),
        (&empty, "my-log"),
        (&image, "My Log"),
        (&image, "unknown-x"),
    ] {
        let draft = yagura(&["init-logtype", path.to_str().unwrap(), "--name", name]);
        let mut draft = draft;
        assert_eq!(draft.status().unwrap().code(), Some(2), "{name}");
    }
}
