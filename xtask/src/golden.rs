//! `cargo xtask golden`: compares `yagura parse` with recorded cases.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::GoldenArguments;
use crate::process::run as run_program;
use crate::workspace::{build_yagura, root, target};

/// Where the cases are unless told otherwise, from the root of the workspace.
const USUAL_FOLDER: &str = "../shared/golden";
/// Differences that are intended, each with the defect it mends.
const DEVIATIONS: &str = "tests/golden-deviations.tsv";
/// The time at which the cases were recorded.
const RECORDED_AT: &str = "2024-06-15T12:34:56.789012Z";
/// Programs that run at the same time.
const WORKERS: usize = 2;

/// The folder of recorded cases: the one that is named, or the usual one if it is there.
pub fn find_cases(named: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    match named {
        Some(folder) if folder.is_dir() => Ok(Some(folder)),
        Some(folder) => bail!("`{}` is no folder", folder.display()),
        None => Ok(Some(root().join(USUAL_FOLDER)).filter(|folder| folder.is_dir())),
    }
}

/// Runs the command.
pub fn run(arguments: &GoldenArguments) -> anyhow::Result<()> {
    let Some(folder) = find_cases(arguments.cases.clone())? else {
        println!(
            "There are no recorded cases beside this repository, so nothing is compared. `--cases DIR` names their folder."
        );
        return Ok(());
    };
    let all = list_cases(&folder)?;
    let wanted = |name: &&String| {
        arguments
            .only
            .as_ref()
            .is_none_or(|only| only.is_match(name))
    };
    let cases: Vec<&String> = all.iter().filter(wanted).collect();
    if cases.is_empty() {
        bail!("no case of `{}` is wanted", folder.display());
    }
    let binary = match &arguments.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => build_yagura()?,
    };
    let work = target()?.join("golden");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let problems = parse_all(&binary, &folder, &cases, &work)?;
    let deviations = select_deviations(&all, &cases, &work)?;
    for problem in &problems {
        println!("FAIL {problem}");
    }
    let compared = run_program(
        Command::new("python3")
            .arg(folder.join("compare.py"))
            .arg(work.join("cases"))
            .arg(work.join("produced"))
            .arg("--deviations")
            .arg(deviations)
            .env("PYTHONIOENCODING", "utf-8:backslashreplace"),
    );
    if !problems.is_empty() {
        bail!("{} cases did not run as they should", problems.len());
    }
    compared.context("the recorded cases do not match")
}

/// The names of all cases, `<log type>/<case>`.
fn list_cases(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for log_type in fs::read_dir(folder)? {
        let log_type = log_type?.path();
        if !log_type.is_dir() {
            continue;
        }
        for case in fs::read_dir(&log_type)? {
            let case = case?.path();
            if case.join("case.json").is_file() {
                let name = case.strip_prefix(folder)?;
                names.insert(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(names)
}

/// Runs all cases and gives what went wrong beside their documents.
fn parse_all(
    binary: &Path,
    folder: &Path,
    cases: &[&String],
    work: &Path,
) -> anyhow::Result<Vec<String>> {
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = parse_case(binary, folder, case, work) {
                        let mut problems = problems.lock().unwrap_or_else(PoisonError::into_inner);
                        problems.push(format!("{case}: {error:#}"));
                    }
                }
            });
        }
    });
    let mut problems = problems
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    problems.sort();
    Ok(problems)
}

/// Runs one case; its documents and counters go to the work folder, links to its files as well.
fn parse_case(binary: &Path, folder: &Path, name: &str, work: &Path) -> anyhow::Result<()> {
    let case = folder.join(name);
    let linked = work.join("cases").join(name);
    fs::create_dir_all(&linked)?;
    for entry in fs::read_dir(&case)? {
        let path = fs::canonicalize(entry?.path())?;
        if let Some(file) = path.file_name() {
            std::os::unix::fs::symlink(&path, linked.join(file))?;
        }
    }
    let produced = work.join("produced").join(name);
    fs::create_dir_all(&produced)?;
    let described: Value = serde_json::from_slice(&fs::read(case.join("case.json"))?)?;
    let status = command(binary, folder, &case, &described, &produced)?.status()?;
    if !matches!(status.code(), Some(0 | 1)) {
        let told = fs::read_to_string(produced.join("stderr")).unwrap_or_default();
        bail!("`yagura parse` ended with {status}: {}", told.trim());
    }
    let summary: Value = serde_json::from_slice(&fs::read(produced.join("summary.json"))?)?;
    if summary["balanced"] != true {
        bail!("the counters do not balance: {summary}");
    }
    Ok(())
}

/// `yagura parse` with the arguments that the case describes.
fn command(
    binary: &Path,
    folder: &Path,
    case: &Path,
    described: &Value,
    produced: &Path,
) -> anyhow::Result<Command> {
    let text = |name: &str| described[name].as_str().filter(|text| !text.is_empty());
    let required = |name: &str| text(name).with_context(|| format!("case.json has no `{name}`"));
    let is_on = |name: &str| described[name].as_bool().unwrap_or_default();
    let mut command = Command::new(binary);
    command.arg("parse").arg(case.join(required("file")?));
    command.args(["--key", required("key")?, "--bucket", required("bucket")?]);
    command.args(["--now", text("now").unwrap_or(RECORDED_AT)]);
    command.arg("--summary").arg(produced.join("summary.json"));
    for (flag, name) in [
        ("--user-ini", "user_ini"),
        ("--exclude-csv", "exclude_csv"),
        ("--conditions", "conditions"),
    ] {
        if let Some(file) = text(name) {
            command.arg(flag).arg(case.join(file));
        }
    }
    for (flag, name, database) in [
        ("--geoip", "geoip", "_enrich/geoip"),
        ("--ioc", "ioc", "_enrich/ioc.db"),
        ("--trusted-proxies", "xff", "_enrich/trusted_proxy.db"),
    ] {
        if is_on(name) {
            command.arg(flag).arg(folder.join(database));
        }
    }
    for name in ["start", "end"] {
        if let Some(number) = described[name].as_u64().filter(|number| *number > 0) {
            command.arg(format!("--{name}")).arg(number.to_string());
        }
    }
    if let Some(service) = text("service") {
        command.args(["--service", service]);
    }
    let read_only = described["read_only_indices"].as_array();
    for index in read_only.into_iter().flatten().filter_map(Value::as_str) {
        command.args(["--read-only-index", index]);
    }
    command.stdout(File::create(produced.join("actual.ndjson"))?);
    command.stderr(File::create(produced.join("stderr"))?);
    Ok(command)
}

/// Writes the declared deviations of the wanted cases only, so that an unused one is noticed.
fn select_deviations(
    all: &BTreeSet<String>,
    wanted: &[&String],
    work: &Path,
) -> anyhow::Result<PathBuf> {
    let declared = fs::read_to_string(root().join(DEVIATIONS))
        .with_context(|| format!("cannot read `{DEVIATIONS}`"))?;
    let mut selected = String::new();
    for (at, line) in declared.lines().enumerate() {
        let case = line.split('\t').next().unwrap_or_default();
        let is_comment = line.trim().is_empty() || line.starts_with('#');
        if !is_comment && !all.contains(case) {
            bail!("{DEVIATIONS}:{}: there is no case `{case}`", at + 1);
        }
        // An empty line in the place of what is left out keeps the line numbers.
        if !is_comment && wanted.iter().any(|name| *name == case) {
            selected.push_str(line);
        }
        selected.push('\n');
    }
    let path = work.join("deviations.tsv");
    fs::write(&path, selected)?;
    Ok(path)
}
