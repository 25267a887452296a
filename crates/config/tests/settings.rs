//! Files in, typed settings and findings out.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use proptest::prelude::*;
use yagura_config::{
    FileFormat, IndexRotation, LogTypeSettings, Settings, Severity, StaticValue, TimestampFormat,
    list_fields, options, reference_markdown,
};

const BASE: &str = "[my-app]\ns3_key = my-app/\nfile_format = json\nindex_name = log-my-app\n";

fn load(extra: &str) -> (LogTypeSettings, Vec<String>) {
    let (mut settings, diagnostics) =
        Settings::load(&[("user.ini", &format!("{BASE}{extra}"))]).unwrap();
    let texts = diagnostics.iter().map(ToString::to_string).collect();
    (settings.log_types.remove(0), texts)
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn every_option_changes_the_settings() {
    let values = [
        ("bump_version", "3"),
        ("custom_user_agent", "x"),
        ("ignore_own_logs", "off"),
        ("exclude_log_patterns_filename", "x"),
        ("s3_key", "x"),
        ("s3_key_ignored", "x"),
        ("via_cwl", "1"),
        ("via_firelens", "yes"),
        ("ignore_container_stderr", "0"),
        ("file_format", "csv"),
        ("json_delimiter", "Records"),
        ("text_header_line_number", "2"),
        ("csv_delimiter", ";"),
        ("multiline_firstline", "x"),
        ("xml_firstline", "x"),
        ("log_pattern", "x"),
        ("max_log_count", "5"),
        ("index_name", "x"),
        ("index_suffix", "x"),
        ("index_rotation", "daily"),
        ("index_time", "event_ingested"),
        ("index_tz", "+09:00"),
        ("doc_id", "x"),
        ("doc_id_suffix", "x"),
        ("timestamp_key", "x"),
        ("timestamp_key_list", "x"),
        ("timestamp_format", "epoch"),
        ("timestamp_format_list", "[\"epoch\"]"),
        ("timestamp_tz", "-03:30"),
        ("timestamp_nano", "TRUE"),
        ("file_timestamp_format", "x"),
        ("ecs_version", "8"),
        ("cloud_provider", ""),
        ("renamed_newfields", "a.b"),
        ("field_prefix", "x"),
        ("ecs", "a.b"),
        ("static_ecs", "a.b"),
        ("script_ecs", "x"),
        ("script_error", "keep"),
        ("script_time_limit_s", "1"),
        ("script_memory_limit_mib", "64"),
        ("json_to_text", "x"),
        ("clientip_xff", "a b"),
        ("geoip", "source"),
        ("ioc_ip", "x"),
        ("ioc_domain", "x"),
        ("user_agent_enrichment_field", "x"),
        ("partition", "month"),
        ("route_order", "5"),
        ("columns", "x"),
        ("entities", "ip=source.ip"),
        ("load_unmatched", "False"),
        ("fallback_for", "json"),
        ("rename_scalars", "x"),
        ("drift_behind", "x"),
        ("drift_tail", "x"),
    ];
    let without_effect = ["loggroup", "ignore_header_line_number"];
    let settings = |extra: &str| {
        let text = format!("[DEFAULT]\nx = ${{a.b}}\na.b = x\n{extra}\n[t]\n");
        Settings::load(&[("a.ini", &text)]).unwrap().0
    };
    let plain = settings("");
    for spec in options() {
        match values.iter().find(|(name, _)| *name == spec.name) {
            Some((name, value)) => {
                assert_ne!(settings(&format!("{name} = {value}")), plain, "{name}");
            }
            None => assert!(without_effect.contains(&spec.name), "{}", spec.name),
        }
    }
}

#[test]
fn lists_and_mappings() {
    let (read, found) = load(
        "ecs = source.ip related.ip user.name related.user empty.one\n\
         source.ip = src.ip client\nrelated.ip = [src.ip client, dst]\nuser.name = [a b, c]\nrelated.user = a b\nempty.one =\n\
         static_ecs = event.kind event.category\nevent.kind = an event\nevent.category = [network, web]\n\
         renamed_newfields = new\nnew = old\nclientip_xff = source.ip xff\ngeoip = [source, destination]\n\
         entities = ip=source.ip,destination.ip user=user.name\n",
    );
    assert_eq!(found, strings(&[]));
    let ecs: Vec<(&str, bool, String)> = read
        .ecs
        .iter()
        .map(|field| {
            let entries: Vec<String> = field.sources.iter().map(|paths| paths.join(" ")).collect();
            (field.name.as_str(), field.is_list, entries.join("|"))
        })
        .collect();
    let expected = [
        ("source.ip", false, "src.ip client"),
        ("related.ip", true, "src.ip client|dst"),
        ("user.name", false, "a b c"),
        ("related.user", true, "a|b"),
        ("empty.one", false, ""),
    ]
    .map(|(name, is_list, paths)| (name, is_list, paths.to_owned()));
    assert_eq!(ecs, expected);
    let fixed = [
        (
            "event.kind".to_owned(),
            StaticValue::Text("an event".to_owned()),
        ),
        (
            "event.category".to_owned(),
            StaticValue::List(strings(&["network", "web"])),
        ),
    ];
    assert_eq!(read.static_ecs, fixed);
    assert_eq!(
        read.renamed_newfields,
        [("new".to_owned(), "old".to_owned())]
    );
    assert_eq!(read.geoip, strings(&["source", "destination"]));
    assert_eq!(
        read.entities[0].fields,
        strings(&["source.ip", "destination.ip"])
    );
    assert_eq!(read.clientip_xff.unwrap().forwarded_for, "xff");
}

#[test]
fn words_are_normalised() {
    let (read, found) = load(
        "timestamp_format = \"epoch\"\nindex_rotation = Daily\nindex_tz = \"-00:30\"\ntimestamp_format_list = [\"iso8601\", \"%Y\"]\ncsv_delimiter = \\t\n",
    );
    assert_eq!(found, strings(&[]));
    assert_eq!(read.index_rotation, IndexRotation::Daily);
    assert_eq!(read.index_tz, -1800);
    assert_eq!(read.csv_delimiter, Some('\t'));
    let formats = [
        TimestampFormat::Iso8601,
        TimestampFormat::Strptime("%Y".to_owned()),
    ];
    assert_eq!(read.timestamp_formats, formats);
    let (read, found) = load("index_rotation = hourly\n");
    assert_eq!(read.index_rotation, IndexRotation::Yearly);
    assert!(found[0].contains("indices will be yearly"), "{found:?}");
    let (read, _) = load("timestamp_key = t\ntimestamp_format = \"epoch\"\n");
    assert_eq!(read.timestamp_formats, [TimestampFormat::Epoch]);
    assert_eq!(read.timestamp_keys, strings(&["t"]));
}

#[test]
fn findings_name_place_and_remedy() {
    let cases = [
        (
            "json_delimeter = x",
            "user.ini:5:1: warning: [my-app] unknown option `json_delimeter` (did you mean `json_delimiter`?)",
        ),
        (
            "via_cwl = maybe",
            "user.ini:5:11: error: [my-app] cannot use `maybe` as `via_cwl` (write `True` or `False`)",
        ),
        (
            "max_log_count = 0",
            "user.ini:5:17: error: [my-app] cannot use `0` as `max_log_count` (write a whole number that is at least 1)",
        ),
        (
            "index_tz = Asia/Tokyo",
            "user.ini:5:12: error: [my-app] cannot use `Asia/Tokyo` as `index_tz` (write an offset from UTC such as `+09:00`)",
        ),
        (
            "ecs = source.ip\nsource.pi = x",
            "user.ini:5:7: error: [my-app] cannot find the definition of `source.ip`, which `ecs` lists (did you mean `source.pi`? Otherwise add `source.ip = …`)",
        ),
        (
            "static_ecs = event.kind",
            "user.ini:5:14: error: [my-app] cannot find the definition of `event.kind`, which `static_ecs` lists (add `event.kind = …` to the section, or remove it from `static_ecs`)",
        ),
        (
            "user.name = x",
            "user.ini:5:1: warning: [my-app] `user.name` is defined but listed nowhere (add `user.name` to `ecs` or `static_ecs`)",
        ),
        (
            "ignore_own_logs = False",
            "user.ini:5:1: warning: [my-app] `ignore_own_logs` has no effect in a section (move it to `[DEFAULT]`)",
        ),
        (
            "log_pattern = a$",
            "user.ini:5:16: error: [my-app] cannot interpolate `$` in `log_pattern` of section `my-app` (write `$$` for a dollar sign, `${key}` or `${section:key}` for a reference)",
        ),
        (
            "timestamp_format = epoc",
            "user.ini:5:20: warning: [my-app] cannot read any time by the format `epoc` (did you mean `epoch`?)",
        ),
        (
            "timestamp_format_list = [epoch]",
            "user.ini:5:25: error: [my-app] cannot use `[epoch]` as `timestamp_format_list` (write a JSON list like `[\"epoch\", \"iso8601\"]`; expected value at line 1 column 2)",
        ),
        (
            "partition = weak",
            "user.ini:5:13: warning: [my-app] cannot use `weak` as `partition` (write one of `day`, `month`, `index`; days will be used)",
        ),
        (
            "x = 1\nx = 2",
            "user.ini:6:1: error: cannot set `x` in section `my-app` again (it is already set in line 5; keep one of the two)",
        ),
        (
            "words",
            "user.ini:5:1: error: cannot read the line `words` (write `key = value`, or indent the line to continue the value above)",
        ),
        (
            "[b]\nfile_format = json",
            "user.ini:5:1: warning: [b] no object is ever recognised as this log type (set `s3_key` to a pattern that is found in the keys of its objects)",
        ),
        (
            "[b]\ns3_key = b\nindex_name = b",
            "user.ini:6:10: warning: [b] objects of this log type are skipped: it has no `file_format` (set `file_format`)",
        ),
        (
            "[DEFAULT]\nvia_firelens = no way",
            "user.ini:6:16: error: [DEFAULT] cannot use `no way` as `via_firelens` (write `True` or `False`)",
        ),
    ];
    for (extra, expected) in cases {
        let found = match Settings::load(&[("user.ini", &format!("{BASE}{extra}\n"))]) {
            Ok((_, found)) => {
                assert!(found.iter().all(|one| one.severity == Severity::Warning));
                found
            }
            Err(error) => error.diagnostics,
        };
        let expected = expected.replace("[DEFAULT] ", "[my-app] ");
        assert!(
            found.iter().any(|one| one.to_string() == expected),
            "{extra}: {found:#?}"
        );
    }
}

#[test]
fn helper_options_are_known_by_their_use() {
    let (_, found) = load(
        "nw1 = request\necs = user.name\nuser.name = ${nw1}.user ${common:tail}\n[common]\ntail = x\n",
    );
    assert_eq!(found, strings(&[]));
}

#[test]
fn later_files_win_and_keep_the_order() {
    let pack = "[one]\ns3_key = one\nfile_format = text\nindex_name = a\nlog_pattern = x\n[two]\ns3_key = two\nfile_format = text\nindex_name = b\nlog_pattern = y\n";
    let user = "[three]\ns3_key = 3\nfile_format = json\nindex_name = c\n[two]\nlog_pattern = z\n[DEFAULT]\nindex_tz = +09:00\n";
    let (settings, found) = Settings::load(&[("pack.ini", pack), ("user.ini", user)]).unwrap();
    assert_eq!(found, []);
    let names: Vec<&str> = settings
        .log_types
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["one", "two", "three"]);
    let two = settings.log_type("two").unwrap();
    assert_eq!(two.log_pattern.as_ref().unwrap().text, "z");
    assert_eq!(two.log_pattern.as_ref().unwrap().origin.line, 6);
    assert!(settings.log_types.iter().all(|one| one.index_tz == 32_400));
    assert_eq!(two.file_format, FileFormat::Text);
}

#[test]
fn the_table_is_sound() {
    let mut names: Vec<&str> = options().iter().map(|spec| spec.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(list_fields().is_sorted());
    let page = reference_markdown();
    for spec in options() {
        assert!(page.contains(&format!("| `{}` |", spec.name)));
        assert!(spec.documentation.ends_with('.'), "{}", spec.name);
    }
    assert_eq!(Settings::load(&[]).unwrap().1, []);
}

proptest! {
    #[test]
    fn no_value_panics(index in 0..options().len(), value in "\\PC{0,30}") {
        let text = format!("{BASE}\n[x]\n{} = {value}\n", options()[index].name);
        let _ = Settings::load(&[("a.ini", &text)]);
    }
}
