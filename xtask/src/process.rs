//! Other programs: run them, and say clearly which one failed.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Runs a command with its output going through; fails when it does.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let text = describe(command);
    let status = command
        .status()
        .with_context(|| format!("cannot start `{text}`"))?;
    if !status.success() {
        bail!("`{text}` failed with {status}");
    }
    Ok(())
}

/// Runs a command and gives what it prints on standard output.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let text = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{text}`"))?;
    if !output.status.success() {
        bail!("`{text}` failed with {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("the output of `{text}` is no UTF-8"))
}

fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy()),
    );
    words.join(" ")
}
