//! Users' scripts through the program: check, parse, load, and records tried again.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const GUIDE: &str = include_str!("../../../docs/guide/custom-logic.md");
const LINES: &str = "{\"time\": \"2026-06-10T08:12:03Z\", \"door\": \"north\", \"badge_owner\": \"Alice\", \"granted\": true, \"firmware\": \"1.4.2\"}\n\
    {\"time\": \"2026-06-10T08:12:04Z\", \"door\": \"south\", \"badge_owner\": \"Bob\", \"granted\": false, \"firmware\": \"1.4.2\"}\n\
    {\"time\": \"2026-06-10T08:12:05Z\", \"door\": \"south\", \"granted\": \"no\"}\n";

/// A block of code of the guide, by the word behind its fence.
fn example(word: &str) -> &'static str {
    let (_, block) = GUIDE.split_once(&format!("```{word}\n")).unwrap();
    block.split_once("```").unwrap().0
}

/// A configuration with one script, and a log.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new(script: &str, text: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("conf/siem")).unwrap();
        std::fs::create_dir_all(path("logs/door-system")).unwrap();
        std::fs::write(path("conf/user.ini"), example("ini")).unwrap();
        std::fs::write(path("logs/door-system/doors.json"), LINES).unwrap();
        let site = Site { folder };
        site.write_script(script, text);
        site
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write_script(&self, name: &str, text: &str) {
        std::fs::write(self.path().join("conf/siem").join(name), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_yagura"))
            .current_dir(self.path())
            .args(arguments)
            .args(["--config", "conf"])
            .output()
            .unwrap()
    }

    /// Exit code, standard output and standard error.
    fn say(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let code = output.status.code().unwrap();
        (code, text(&output.stdout), text(&output.stderr))
    }

    fn documents(&self) -> Vec<Value> {
        let file = "logs/door-system/doors.json";
        let (code, out, error) = self.say(&[
            "parse",
            file,
            "--key",
            file,
            "--now",
            "2026-06-11T00:00:00Z",
        ]);
        assert_eq!(code, 0, "{error}");
        out.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[test]
fn both_languages_of_the_guide_give_the_same_documents() {
    let vrl = Site::new("sf_door_system.vrl", example("coffee")).documents();
    let python = Site::new("sf_door_system.py", example("python")).documents();
    assert_eq!(vrl, python);
    let shown = |name: &str| {
        let fields = vrl.iter().map(|line| line["doc"].pointer(name).cloned());
        fields.map(Option::unwrap_or_default).collect::<Vec<_>>()
    };
    assert_eq!(
        shown("/event/outcome"),
        ["success", "failure", "failure"].map(Value::from)
    );
    assert_eq!(
        shown("/user/name"),
        [Value::from("alice"), "bob".into(), Value::Null]
    );
    assert_eq!(
        shown("/related/user/0"),
        [Value::from("alice"), "bob".into(), Value::Null]
    );
    assert_eq!(shown("/firmware"), vec![Value::Null; 3]);
}

#[test]
fn the_check_tells_what_is_wrong_with_scripts() {
    let site = Site::new("sf_door_system.vrl", example("coffee"));
    let (code, out, _) = site.say(&["config", "check"]);
    assert_eq!(code, 0, "{out}");
    site.write_script("sf_door_system.vrl", ".a = 1\n.b = upcase(.c)\n");
    let (code, out, _) = site.say(&["config", "check"]);
    assert_eq!(code, 1);
    assert!(out.contains("conf/siem/sf_door_system.vrl:2:"), "{out}");
    let (code, _, error) = site.say(&["load", "logs", "--data", "data"]);
    assert_eq!(code, 2);
    assert!(error.contains("conf/siem/sf_door_system.vrl:2:"), "{error}");
    std::fs::remove_file(site.path().join("conf/siem/sf_door_system.vrl")).unwrap();
    let (code, out, _) = site.say(&["config", "check"]);
    assert_eq!(code, 1);
    assert!(
        out.contains("`script_ecs` wants a script, and there is none"),
        "{out}"
    );
}

#[test]
fn every_step_is_explained() {
    let site = Site::new(
        "sf_door_system.py",
        "def transform(d):\n  return d if d['granted'] else d['no']\n",
    );
    let file = "logs/door-system/doors.json";
    let (code, _, error) = site.say(&["parse", file, "--key", file, "--explain"]);
    assert_eq!(code, 1);
    let place = |text: &str| {
        error
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {error}"))
    };
    assert!(place("ecs ") < place("script ") && place("script ") < place("enrich "));
    assert!(place("record 2") < place("failed (script): sf_door_system.py:2: KeyError: 'no'"));
    assert!(place("KeyError") < place("record 3"));
}

#[test]
fn records_whose_script_failed_are_tried_again() {
    for (name, failing, mended, detail) in [
        (
            "sf_door_system.py",
            "def transform(d):\n  return d if d['granted'] else d['no']\n",
            example("python"),
            "sf_door_system.py:2: KeyError: 'no'",
        ),
        (
            "sf_door_system.vrl",
            "if .granted == false {\n  abort \"closed\"\n}\n",
            example("coffee"),
            "sf_door_system.vrl:2: closed",
        ),
    ] {
        let site = Site::new(name, failing);
        let (code, out, error) = site.say(&["load", "logs", "--json", "--data", "data"]);
        assert_eq!(code, 1, "{error}");
        let loaded: Value = serde_json::from_str(&out).unwrap();
        let object = &loaded["objects"][0];
        assert_eq!(
            (&object["read"], &object["documents"]),
            (&Value::from(3), &Value::from(2))
        );
        let (_, out, _) = site.say(&["dead-letters", "--json", "--data", "data"]);
        let letter: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        assert_eq!(letter["reason"], "script");
        assert_eq!(letter["detail"], detail);
        assert_eq!(letter["line"], 2);
        site.write_script(name, mended);
        let (code, out, error) = site.say(&["dead-letters", "--retry", "--data", "data"]);
        assert_eq!(code, 0, "{out}{error}");
        let (_, out, _) = site.say(&["dead-letters", "--json", "--data", "data"]);
        assert_eq!(out, "");
    }
}
