//! The commands of the guide about users' own log types, run as they stand there.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may panic"
)]

use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../../docs/guide/own-log-types.md");

/// A command of the guide with the output that the guide shows.
struct Step {
    command: String,
    output: Vec<String>,
}

/// The steps in the console blocks; a command may have a text behind `<<'END'`.
fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut in_block, mut in_text) = (false, false);
    for line in GUIDE.lines() {
        if line.starts_with("```") {
            in_block = line == "```console";
            continue;
        }
        if !in_block {
            continue;
        }
        if in_text {
            let step = steps.last_mut().unwrap();
            step.command += &format!("\n{line}");
            in_text = line != "END";
        } else if let Some(command) = line.strip_prefix("$ ") {
            in_text = command.contains("<<'END'");
            steps.push(Step {
                command: command.to_owned(),
                output: Vec::new(),
            });
        } else {
            steps.last_mut().unwrap().output.push(line.to_owned());
        }
    }
    steps
}

fn run(command: &str, folder: &Path) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_yagura")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}\n{told}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_guide_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let steps = steps();
    assert!(steps.len() > 8, "{} commands", steps.len());
    for step in steps {
        let output = run(&step.command, folder.path());
        let mut lines = output.lines();
        for expected in &step.output {
            // An ellipsis stands for whatever else is printed.
            if expected == "…" {
                break;
            }
            assert_eq!(lines.next(), Some(expected.as_str()), "{}", step.command);
        }
    }
    // A change of the section is noticed.
    let golden = "yagura parse golden/shop-access.log --key shop-access/2024/06/15/access.log --config conf --now 2024-06-15T12:00:00Z --expect golden/expected.jsonl";
    let changed = format!(
        "sed -i 's/^user.name = username/user.name = method/' conf/user.ini; {golden}; test $? = 1"
    );
    run(&changed, folder.path());
}
