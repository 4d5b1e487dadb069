//! The command line: what can be asked for. [`offline`] answers what is asked of documents, [`folder`] what is asked of the
//! data folder, [`people`] what is asked of accounts, and [`remote`] asks a running server.

pub mod documents;
pub mod folder;
pub mod offline;
pub mod people;
pub mod place;
pub mod remote;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use people::{TokenCommand, User};
use place::Place;

use crate::config::{DataFlags, Flags, ServeFlags};
use crate::export::Format;
use crate::ids::DocId;
use crate::timestamp;

/// A collaborative text editing service in one binary.
#[derive(Debug, Parser)]
#[command(name = "cowrite", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    ///
    /// A setting is taken from its flag, else from its environment variable, else from the file, else it has its
    /// default. Sizes are written like 8MiB, durations like 30s.
    #[command(next_line_help = true)]
    Serve(ServeFlags),
    /// List, add, change, remove and invite people
    #[command(subcommand)]
    User(User),
    /// Make, list and revoke logins for programs; sign tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Make a document of a file (.md, .markdown or .txt)
    Import(Import),
    /// Write one document to a file or to standard output
    Export(Export),
    /// List the documents, the last changed first
    Documents(Documents),
    /// Read everything in a data folder or a backup and say what is wrong
    ///
    /// Every checksum is checked, every document is read, and every snapshot is compared with the journal. The exit code is 1
    /// if anything is wrong.
    Verify(Verify),
    /// Save every intact document of a damaged data folder and say what was lost
    ///
    /// Nothing is destroyed: the folder as it was goes to damaged-<date> inside of it.
    Repair(Repair),
    /// Copy a data folder, beside a running server or without one
    ///
    /// What an earlier backup has is not copied again. The copy is a data folder itself.
    Backup(Backup),
    /// Bring a backup back into an empty data folder, whole or as it was at a moment
    Restore(Restore),
}

#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    pub data: DataFlags,
}

#[derive(Debug, Args)]
pub struct Repair {
    #[command(flatten)]
    pub data: DataFlags,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The folder to copy to: an empty one, or an earlier backup of the same data folder
    #[arg(value_name = "TO")]
    pub to: PathBuf,
    #[command(flatten)]
    pub data: DataFlags,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup, or any other data folder that nobody has
    #[arg(value_name = "FROM")]
    pub from: PathBuf,
    /// Bring back what was there at this moment, like 2026-05-04T12:00:00Z. What is rolled back gets a new epoch
    #[arg(long, value_name = "TIME", value_parser = timestamp::parse)]
    pub until: Option<u64>,
    #[command(flatten)]
    pub data: DataFlags,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The document's id, as it stands in its address after /d/
    #[arg(value_name = "ID", value_parser = DocId::parse)]
    pub id: DocId,
    /// txt, md, html, docx, json or yjs; by default what the output file ends in, else txt
    #[arg(long, value_parser = Format::parse)]
    pub format: Option<Format>,
    /// The file to write; one that is there already is replaced, and only once the new one is whole
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Import {
    /// The file, text in UTF-8
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The document's id; one at random, if nothing is said
    #[arg(long, value_parser = DocId::parse)]
    pub id: Option<DocId>,
    /// The document's title; the name of the file, if nothing is said
    #[arg(long)]
    pub title: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Args)]
pub struct Documents {
    /// Print JSON for programs instead of a table for people
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}

impl Command {
    /// What the command line says of the settings, to be given to [`crate::config::load`].
    pub fn flags(&self) -> &Flags {
        match self {
            Command::Serve(ServeFlags(flags)) => flags,
            Command::User(user) => &user.place().data.0,
            Command::Token(token) => &token.data().0,
            Command::Import(Import { place, .. })
            | Command::Export(Export { place, .. })
            | Command::Documents(Documents { place, .. }) => &place.data.0,
            Command::Verify(Verify { data: DataFlags(flags) }) => flags,
            Command::Repair(Repair { data: DataFlags(flags) }) => flags,
            Command::Backup(Backup { data: DataFlags(flags), .. }) => flags,
            Command::Restore(Restore { data: DataFlags(flags), .. }) => flags,
        }
    }
}

impl Export {
    /// The format that was asked for, or the one that the output file's name asks for.
    pub fn format(&self) -> Format {
        let ending =
            || Format::parse(&self.output.as_ref()?.extension()?.to_str()?.to_ascii_lowercase()).ok();
        self.format.or_else(ending).unwrap_or(Format::Txt)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::config::SETTINGS;

    fn parse(line: &str) -> Result<Command, String> {
        let cli = Cli::try_parse_from(line.split(' '));
        cli.map(|cli| cli.command).map_err(|error| error.to_string())
    }

    fn export(line: &str) -> Export {
        match parse(line) {
            Ok(Command::Export(export)) => export,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_shape_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_explains_every_setting() {
        let help = parse("cowrite serve --help").expect_err("help");
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for setting in SETTINGS {
            let (variable, key) = (setting.variable(), setting.file_key());
            for part in
                [format!("--{} <", setting.key), format!("[env: {variable}] [file: {key}] [default: ")]
            {
                assert!(help.contains(&part), "{part} in {help}");
            }
        }
    }

    #[test]
    fn flags_reach_the_settings() {
        let command =
            parse("cowrite serve --config c.toml --idle-for 3s --listen [::]:80").expect("a command");
        let flags = command.flags();
        assert_eq!(flags.config.as_deref(), Some("c.toml".as_ref()));
        assert_eq!(flags.values, [("listen", "[::]:80".to_owned()), ("idle-for", "3s".to_owned())]);

        let command = parse("cowrite documents --data /srv/cowrite --json").expect("a command");
        assert_eq!(command.flags().values, [("data", "/srv/cowrite".to_owned())]);
        assert!(parse("cowrite documents --listen [::]:80").is_err(), "only what finds the documents");
    }

    #[test]
    fn the_format_is_what_is_said_or_what_the_file_ends_in() {
        assert_eq!(export("cowrite export a --format md -o a.html").format(), Format::Md);
        assert_eq!(export("cowrite export a -o a.HTML").format(), Format::Html);
        assert_eq!(export("cowrite export a -o a.docx").format(), Format::Docx);
        assert_eq!(export("cowrite export a -o a.odt").format(), Format::Txt);
        assert_eq!(export("cowrite export a").format(), Format::Txt);
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_reason() {
        let reason = |line| parse(line).expect_err("refused");
        assert!(reason("cowrite export a/b").contains("made of A-Z a-z 0-9"));
        assert!(
            reason("cowrite export a --format odt").contains("there are txt, md, html, docx, json and yjs")
        );
        assert!(reason("cowrite serve --lisen x").contains("--listen"));
        assert!(reason("cowrite restore a --until yesterday").contains("like 2026-05-04T12:00:00Z"));
    }
}
