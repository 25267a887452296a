//! `yagura users`: who may sign in, and API tokens.

use std::io::{IsTerminal, Read};
use std::path::Path;

use anyhow::{Context, bail};
use yagura_api::{Role, Secret, User, UsersFile, hash_password, mint_token};

use crate::cli::UsersCommand;

/// Runs the command.
pub fn run(command: UsersCommand) -> anyhow::Result<bool> {
    match command {
        UsersCommand::Add(arguments) => {
            let path = arguments.config.join("users.toml");
            let mut file = read(&path)?;
            if file.users.iter().any(|user| user.name == arguments.name) {
                bail!("there is a user `{}` already", arguments.name);
            }
            let password = read_password()?;
            file.users.push(User {
                name: arguments.name,
                password_hash: Some(hash_password(&password)?),
                roles: vec![Role::Admin],
                lang: None,
                tz: None,
                theme: None,
                tokens: Vec::new(),
            });
            write(&path, &file)?;
            println!(
                "added to `{}`; a running server reads it at its next start",
                path.display()
            );
        }
        UsersCommand::Token(arguments) => {
            let path = arguments.config.join("users.toml");
            let mut file = read(&path)?;
            let user = file
                .users
                .iter_mut()
                .find(|user| user.name == arguments.name);
            let user = user.with_context(|| format!("there is no user `{}`", arguments.name))?;
            let (token, kept) = mint_token(&arguments.token_name)?;
            user.tokens.push(kept);
            write(&path, &file)?;
            println!("{}", token.expose());
            eprintln!("shown only this once; use it as `Authorization: Bearer …`");
        }
    }
    Ok(true)
}

fn read(path: &Path) -> anyhow::Result<UsersFile> {
    if path.exists() {
        Ok(UsersFile::load(path)?)
    } else {
        Ok(UsersFile::default())
    }
}

/// Writes the file beside its place and moves it there, so that it is never half written.
fn write(path: &Path, file: &UsersFile) -> anyhow::Result<()> {
    let text = file.to_text()?;
    UsersFile::parse(&text)?;
    let temporary = path.with_extension("toml.new");
    let describe = || format!("cannot write `{}`", path.display());
    write_private(&temporary, &text).with_context(describe)?;
    std::fs::rename(&temporary, path).with_context(describe)
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}

fn read_password() -> anyhow::Result<Secret> {
    if std::io::stdin().is_terminal() {
        eprintln!("Password (shown as you type; end with Enter):");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        return Ok(Secret::new(line.trim_end_matches(['\r', '\n'])));
    }
    let mut text = String::new();
    std::io::stdin().take(1 << 16).read_to_string(&mut text)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
}
