//! Scripts in Python: what they return, how they fail, and that nothing else is lost.
#![allow(clippy::unwrap_used, reason = "helpers of a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{Setup, load, numbered};

fn python(text: &str) -> Setup {
    Setup::new("script_time_limit_s = 1", &[("sf_door_system.py", text)])
}

#[test]
fn a_script_changes_documents() {
    let setup = python(
        "import json, re\n\
         from siem import utils\n\
         import helper\n\
         def transform(logdata):\n\
         \x20   assert logdata['@log_group'] is None and logdata['event']['module'] == 'door-system'\n\
         \x20   url = {'url': {'path': helper.path(logdata['n'])}}\n\
         \x20   return utils.merge_dicts(logdata, url)\n",
    );
    let folder = setup.scripts().folder;
    std::fs::write(folder.join("helper.py"), "def path(n): return f'/{n}'\n").unwrap();
    let loaded = setup.load(&numbered(3_000));
    let expected: Vec<_> = (0..3_000)
        .map(|n| json!({"path": format!("/{n}")}))
        .collect();
    assert_eq!(loaded.values("url"), expected);
    assert_eq!(
        loaded.values("n"),
        (0..3_000).map(Value::from).collect::<Vec<_>>()
    );
}

#[test]
fn the_fields_that_loaders_know() {
    let setup = python(
        "import datetime\n\
         def transform(logdata):\n\
         \x20   logdata['@id'] = 'id%d' % logdata['n']\n\
         \x20   logdata['__doc_id_suffix'] = 7\n\
         \x20   logdata['__index_name'] = 'log-other'\n\
         \x20   logdata['__index_dt'] = datetime.datetime(2024, 5, 6, tzinfo=datetime.timezone.utc)\n\
         \x20   return logdata\n",
    );
    let loaded = setup.load(&numbered(1));
    let (index, id, body) = &loaded.documents[0];
    assert_eq!((&**index, &**id), ("log-other-2024-05", "id0_7"));
    assert_eq!(body["@id"], "id0");
    let names: Vec<_> = body.as_object().unwrap().keys().collect();
    assert!(
        names.iter().all(|name| !name.starts_with("__")),
        "{names:?}"
    );
}

#[test]
fn values_of_every_kind_come_back() {
    let setup = python("def transform(logdata):\n    return logdata\n");
    let line = r#"{"big": 123456789012345678901234567890, "small": -1.5e-7, "int": -2147483649, "true": true, "text": "日本語 \ud83d\ude00 \u0000 \\ \"", "nested": {"a": [1, [2, {"b": null, "c": "x"}]]}, "nan": NaN, "half": "\ud83d"}"#;
    let loaded = setup.load(&format!("{line}\n"));
    let body = &loaded.documents[0].2;
    let text = body.to_string();
    assert!(text.contains("\"int\":-2147483649,") || text.contains("\"int\":-2147483649}"));
    assert_eq!(body["text"], "日本語 😀 \u{0} \\ \"");
    assert_eq!(body["small"], json!(-1.5e-7));
    assert_eq!(body["nested"]["a"][1][1]["c"], "x");
    assert_eq!(body["nan"], Value::Null);
    assert!(body["half"].as_str().unwrap().contains('\u{fffd}'));
    assert_eq!(body["true"], true);
}

#[test]
fn unusual_values_become_what_json_makes_of_them() {
    let setup = python(
        "import collections, enum\n\
         class Level(enum.IntEnum):\n\
         \x20   HIGH = 3\n\
         def transform(logdata):\n\
         \x20   logdata['level'] = Level.HIGH\n\
         \x20   logdata['pair'] = (1, 2)\n\
         \x20   logdata['counts'] = collections.Counter('aab')\n\
         \x20   logdata['keys'] = {1: 'a', None: 'b', 2.5: 'c', True: 'd'}\n\
         \x20   logdata['inf'] = float('inf')\n\
         \x20   return collections.OrderedDict(logdata)\n",
    );
    let loaded = setup.load(&numbered(1));
    let body = &loaded.documents[0].2;
    assert_eq!(body["level"], 3);
    assert_eq!(body["pair"], json!([1, 2]));
    assert_eq!(body["counts"], json!({"a": 2, "b": 1}));
    assert_eq!(body["keys"], json!({"1": "d", "null": "b", "2.5": "c"}));
    assert_eq!(body["inf"], Value::Null);
}

/// Scripts that fail on every record whose `n` is 1, and what is said about it.
const FAILING: &[(&str, &str)] = &[
    (
        "    logdata['no']['such']",
        "sf_door_system.py:3: KeyError: 'no'",
    ),
    (
        "    while True: pass",
        "sf_door_system.py:3: TimeLimit: took longer than 1 s",
    ),
    (
        "    import re; re.match('(a+)+$', 'a' * 40 + 'b')",
        "sf_door_system.py:3: TimeLimit: took longer than 1 s",
    ),
    (
        "    logdata['x'] = 'x' * (4 << 30)",
        "sf_door_system.py:3: MemoryError",
    ),
    (
        "    raise SystemExit('no')",
        "sf_door_system.py:3: SystemExit: no",
    ),
    (
        "    return None",
        "sf_door_system.py:1: TypeError: transform returned None, not a dict; end it with `return logdata`",
    ),
    (
        "    return [logdata]",
        "sf_door_system.py:1: TypeError: transform returned list, not a dict",
    ),
    (
        "    logdata['x'] = object()",
        "sf_door_system.py:1: TypeError: Object of type object is not JSON serializable",
    ),
    (
        "    logdata['x'] = {1}",
        "sf_door_system.py: what transform returned cannot be stored: a set is no JSON; make it a list",
    ),
    (
        "    logdata['x'] = logdata",
        "sf_door_system.py: what transform returned cannot be stored: it nests deeper than 256 levels, or holds itself",
    ),
    (
        "    logdata['__index_dt'] = 'yesterday'",
        "`__index_dt` `yesterday` is no time",
    ),
    (
        "    import os; os._exit(3)",
        "sf_door_system.py: Python ended with status 3",
    ),
    (
        "    import ctypes; ctypes.string_at(0)",
        "sf_door_system.py:3: Python was ended by signal 11",
    ),
];

#[test]
fn a_failure_costs_its_record_and_names_the_line() {
    for (statement, detail) in FAILING {
        let setup = python(&format!(
            "def transform(logdata):\n  if logdata['n'] == 1:\n{statement}\n  return logdata\n"
        ));
        let loaded = setup.load(&numbered(5));
        assert_eq!(
            loaded.values("n"),
            [0, 2, 3, 4].map(Value::from),
            "{statement}"
        );
        assert_eq!(loaded.failures.len(), 1, "{statement}");
        let (line, found) = &loaded.failures[0];
        assert_eq!(*line, 2);
        assert!(found.starts_with(detail), "{statement}: {found}");
    }
}

#[test]
fn a_script_that_cannot_be_interrupted_is_ended() {
    let setup = python(
        "def spin():\n\
         \x20 while True: pass\n\
         def transform(logdata):\n\
         \x20 while logdata['n'] == 1:\n\
         \x20   try: spin()\n\
         \x20   except BaseException: pass\n\
         \x20 return logdata\n",
    );
    let loaded = setup.load(&numbered(3));
    assert_eq!(loaded.values("n"), [0, 2].map(Value::from));
    let detail = &loaded.failures[0].1;
    assert!(
        detail.contains("took too long and could not be interrupted"),
        "{detail}"
    );
}

#[test]
fn a_failure_is_a_document_if_the_log_type_says_so() {
    let text = "def transform(logdata):\n  logdata['half'] = 1\n  return logdata['no']\n";
    let setup = Setup::new("script_error = keep", &[("sf_door_system.py", text)]);
    let loaded = setup.load(&numbered(1));
    let body = &loaded.documents[0].2;
    assert_eq!(
        body["error"]["message"],
        "sf_door_system.py:3: KeyError: 'no'"
    );
    assert_eq!(body["half"], Value::Null);
    assert_eq!(body["n"], 0);
    assert_eq!(loaded.counts.transform_stops, 1);
}

#[test]
fn a_process_that_ends_at_the_very_end_loses_nothing() {
    let count = 2_500;
    let setup = python(&format!(
        "import os\n\
         def transform(logdata):\n\
         \x20 if logdata['n'] == {}: os._exit(1)\n\
         \x20 return logdata\n",
        count - 1
    ));
    let loaded = setup.load(&numbered(count));
    let expected: Vec<_> = (0..count - 1).map(Value::from).collect();
    assert_eq!(loaded.values("n"), expected);
    assert_eq!(loaded.failures.len(), 1);
    assert_eq!(loaded.failures[0].0, count as u64);
}

#[test]
fn a_script_that_always_ends_its_process_is_given_up() {
    let setup = python("import os\ndef transform(logdata):\n  os._exit(1)\n");
    let mut loader = setup.loader();
    let loaded = load(&mut loader, &numbered(200));
    assert_eq!(loaded.failures.len(), 200);
    let last = &loaded.failures[199].1;
    assert!(
        last.contains("not run for the rest of the object"),
        "{last}"
    );
    // The next object is tried again.
    let loaded = load(&mut loader, &numbered(1));
    assert_eq!(
        loaded.failures[0].1,
        "sf_door_system.py: Python ended with status 1"
    );
}

#[test]
fn what_a_script_prints_stays_out_of_documents() {
    let setup = python(
        "import sys, os\n\
         def transform(logdata):\n\
         \x20 print('x' * 100_000)\n\
         \x20 os.write(1, b'raw')\n\
         \x20 sys.stderr.write('y' * 100_000)\n\
         \x20 assert sys.stdin.read() == ''\n\
         \x20 return logdata\n",
    );
    assert_eq!(setup.load(&numbered(50)).documents.len(), 50);
}

#[test]
fn a_worker_knows_nothing_of_this_process() {
    let setup = python(
        "import os, sys\n\
         def transform(logdata):\n\
         \x20 logdata['env'] = sorted(os.environ)\n\
         \x20 logdata['cwd'] = os.getcwd()\n\
         \x20 logdata['set'] = list({'a', 'b', 'c', 'd', 'e'})\n\
         \x20 return logdata\n",
    );
    let first = setup.load(&numbered(1));
    let body = &first.documents[0].2;
    let names = json!([
        "LANG",
        "LC_CTYPE",
        "PATH",
        "PYTHONHASHSEED",
        "PYTHONUTF8",
        "TZ"
    ]);
    let known = names.as_array().unwrap();
    let found = body["env"].as_array().unwrap();
    assert!(found.iter().all(|name| known.contains(name)), "{found:?}");
    assert_eq!(body["cwd"], "/");
    // Sets have the same order in every process.
    assert_eq!(setup.load(&numbered(1)).values("set"), first.values("set"));
}

#[test]
fn large_and_deep_documents() {
    let setup = python("def transform(logdata):\n    return logdata\n");
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(120), "]".repeat(120));
    let huge = format!("{{\"a\": \"{}\"}}", "x".repeat(4 << 20));
    let loaded = setup.load(&format!("{deep}\n{huge}\n{{\"a\": 1}}\n"));
    assert_eq!(loaded.documents.len(), 3);
    assert_eq!(loaded.documents[2].2["a"], 1);
}

#[test]
fn what_is_wrong_is_told_before_anything_is_loaded() {
    for (text, expected) in [
        (
            "def transform(logdata)\n    return logdata\n",
            "sf_door_system.py:1:23: error: SyntaxError: ",
        ),
        (
            "\nimport no_such_module\n",
            "sf_door_system.py:2:1: error: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (
            "x = 1\n",
            "sf_door_system.py:1:1: error: NotImplementedError: the script defines no function `transform(logdata)`",
        ),
        (
            "\n1 / 0\n",
            "sf_door_system.py:2:1: error: ZeroDivisionError: division by zero",
        ),
    ] {
        let problems = python(text).problems();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with(expected), "{problems:?}");
    }
}

#[test]
fn no_python_is_an_error_with_a_hint() {
    let setup = python("def transform(logdata): return logdata\n");
    let mut scripts = setup.scripts();
    scripts.python = "/no/such/python".into();
    let (_, found) = scripts.load(&setup.settings);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .message
            .starts_with("cannot start `/no/such/python`")
    );
    assert!(found[0].hint.contains("--python"));
}
