//! A shell around the library: read the command line, set up the log, run, say how it went.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use cowrite::cli::people::{self, TokenCommand};
use cowrite::cli::place::Place;
use cowrite::cli::remote::Remote;
use cowrite::cli::{Cli, Command, documents, folder, offline};
use cowrite::config::{self, Config, LogFormat};
use cowrite::server::{self, Server};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let loaded = match config::load(command.flags(), std::env::vars_os()) {
        Ok(loaded) => loaded,
        Err(errors) => {
            eprintln!("{errors}");
            return ExitCode::from(2);
        }
    };
    start_log(&loaded.config);
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    match run(&command, &loaded.config) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE, // what is wrong has been said
        Err(error) => {
            eprintln!("cowrite: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Do what is asked; false if it was done and brought bad news.
fn run(command: &Command, config: &Config) -> anyhow::Result<bool> {
    let (data, out) = (&config.data, &mut io::stdout());
    match command {
        Command::Serve(_) => serve(config)?,
        Command::Export(export) => match Remote::of(&export.place)? {
            Some(server) => documents::export(&server, export, out)?,
            None => offline::export(&server::open_store(config)?, export, out)?,
        },
        Command::Documents(list) => match Remote::of(&list.place)? {
            Some(server) => documents::list(&server, list, out)?,
            None => offline::documents(&server::open_store(config)?, list, out)?,
        },
        Command::Import(import) => match Remote::of(&import.place)? {
            Some(server) => documents::import(&server, import, out)?,
            None => documents::import_offline(&server::open_store(config)?, import, out)?,
        },
        Command::User(user) => match Remote::of(user.place())? {
            Some(server) => people::online::user(&server, user, out)?,
            None => {
                server::with_access(config, async |access| people::offline::user(access, user, out).await)?
            }
        },
        Command::Token(TokenCommand::Sign(sign)) => people::sign(sign, config, out)?,
        Command::Token(token) => match signed_in(token)? {
            Some(server) => people::online::token(&server, token, out)?,
            None => {
                server::with_access(config, async |access| people::offline::token(access, token, out).await)?
            }
        },
        Command::Verify(_) => return Ok(folder::verify(data, out)?),
        Command::Repair(_) => return Ok(folder::repair(data, out)?),
        Command::Backup(backup) => return Ok(folder::backup(data, backup, out)?),
        Command::Restore(restore) => return Ok(folder::restore(data, restore, out)?),
    }
    Ok(true)
}

/// The server that a command about tokens asks. Whoever makes one has none yet, and gives a password.
fn signed_in(token: &TokenCommand) -> anyhow::Result<Option<Remote>> {
    match (token, token.place()) {
        (TokenCommand::Create(_), Some(Place { server: Some(server), .. })) => {
            Ok(Some(Remote::new(server, None)?))
        }
        (_, Some(place)) => Ok(Remote::of(place)?),
        (_, None) => Ok(None),
    }
}

fn serve(config: &Config) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::start(config)?;
        tracing::info!(data = %config.data.display(), "listening on {}", server.url());
        welcome_the_first(&server);
        server
            .run(async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            })
            .await
    })
}

/// Tell whoever sits at the terminal how to make the first account. A log is read by others, so it gets no code.
fn welcome_the_first(server: &Server) {
    let Some(code) = server.access().take_setup_code() else { return };
    if io::stdout().is_terminal() {
        println!("There are no accounts yet. Make the first one at {}setup#{}", server.url(), code.reveal());
    } else {
        tracing::info!(
            "there are no accounts yet: stop the server and run `cowrite user add NAME --administrator`"
        );
    }
}

fn start_log(config: &Config) {
    let filter = EnvFilter::new(&config.log);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match config.log_format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
    }
}
