//! `cargo xtask test`: every check there is, one after the other, up to the first that fails.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::demo::DemoServer;
use crate::process::run as run_program;
use crate::workspace::{Profile, build_yagura, cargo, engine};
use crate::{GoldenArguments, generate, golden, user_interface};

type Stage = (&'static str, fn() -> anyhow::Result<()>);

/// The page is built before the program that embeds it, and everything is checked in one profile
/// but what takes long to run.
const STAGES: [Stage; 9] = [
    ("format", check_format),
    ("lints", check_lints),
    ("tests", run_tests),
    ("page", user_interface::check),
    ("release build", build),
    ("generated files", check_generated),
    ("recorded cases", compare_recorded),
    ("robustness", damage_samples),
    ("browser", test_in_browser),
];

/// Runs all stages, or the one that is named.
pub fn run(only: Option<&str>) -> anyhow::Result<()> {
    let wanted = |(name, _): &&Stage| only.is_none_or(|only| only == *name);
    let stages: Vec<&Stage> = STAGES.iter().filter(wanted).collect();
    if stages.is_empty() {
        let names: Vec<_> = STAGES.iter().map(|(name, _)| format!("`{name}`")).collect();
        bail!(
            "there is no such stage; the stages are {}",
            names.join(", ")
        );
    }
    let started = Instant::now();
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (at, (name, stage)) in stages.iter().enumerate() {
        let label = format!("[{}/{}] {name}", at + 1, stages.len());
        println!("\n{label}");
        let stage_started = Instant::now();
        stage().with_context(|| format!("stage `{name}`"))?;
        let took = stage_started.elapsed();
        println!("{label}: {:.1} s", took.as_secs_f64());
        times.push((name, took));
    }
    println!("\nall passed");
    for (name, time) in times {
        println!("  {name:<16} {:7.1} s", time.as_secs_f64());
    }
    println!(
        "  {:<16} {:7.1} s",
        "together",
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

fn check_format() -> anyhow::Result<()> {
    run_program(cargo().args(["fmt", "--all", "--check"]))
}

fn check_lints() -> anyhow::Result<()> {
    run_program(
        cargo()
            .args(["clippy", "--workspace", "--all-targets", "--locked"])
            .args(["--features", "xtask/engine", "--", "-D", "warnings"]),
    )
}

fn run_tests() -> anyhow::Result<()> {
    run_program(cargo().args([
        "test",
        "--workspace",
        "--locked",
        "--features",
        "xtask/engine",
        "--quiet",
    ]))
}

fn check_generated() -> anyhow::Result<()> {
    generate::run(true, Profile::Release)
}

fn build() -> anyhow::Result<()> {
    build_yagura().map(drop)
}

fn compare_recorded() -> anyhow::Result<()> {
    if let Some(folder) = golden::find_cases(None)? {
        // The same features as for the tests, so that nothing is built again.
        let mut vectors = cargo();
        vectors.args([
            "test",
            "--workspace",
            "--locked",
            "--features",
            "xtask/engine",
        ]);
        vectors.args(["--quiet", "--test", "vectors"]);
        run_program(vectors.env("YAGURA_GOLDEN", std::path::absolute(folder)?))?;
    }
    golden::run(&GoldenArguments {
        cases: None,
        only: None,
        binary: None,
    })
}

fn damage_samples() -> anyhow::Result<()> {
    let mut engine = engine(Profile::Release)?;
    engine.arg("robustness");
    if let Some(cases) = golden::find_cases(None)? {
        engine.arg("--cases").arg(cases);
    }
    run_program(&mut engine)
}

fn test_in_browser() -> anyhow::Result<()> {
    user_interface::provide_chromium()?;
    let server = DemoServer::start(&build_yagura()?)?;
    user_interface::test_in_browser(&server.url())
}
