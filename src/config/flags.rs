//! The settings as flags of the command line.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::settings::{DATA, SETTINGS, Setting};
use super::{Config, load};

/// What the command line said of the settings, not yet checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// The TOML file to read.
    pub config: Option<PathBuf>,
    /// Keys of the table with the text that was given for each.
    pub values: Vec<(&'static str, String)>,
}

/// Every setting as a flag, for `cowrite serve`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServeFlags(pub Flags);

/// Only what finds the documents, for commands that work on a data folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataFlags(pub Flags);

fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter()
}

fn data() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| setting.key == DATA)
}

fn augment(command: Command, settings: impl Iterator<Item = &'static Setting>) -> Command {
    let file =
        Arg::new("config").long("config").value_name("FILE").value_parser(clap::value_parser!(PathBuf)).help(
            format!(
                "A TOML file with settings; flags and variables go before it [env: {}]",
                load::FILE_VARIABLE
            ),
        );
    settings.fold(command.arg(file), |command, setting| {
        let (variable, key) = (setting.variable(), setting.file_key());
        let default = (setting.get)(&Config::default());
        let help = format!("{} [env: {variable}] [file: {key}] [default: {default}]", setting.help);
        command.arg(Arg::new(setting.key).long(setting.key).value_name(setting.placeholder).help(help))
    })
}

fn read(matches: &ArgMatches, settings: impl Iterator<Item = &'static Setting>) -> Flags {
    let value =
        |setting: &'static Setting| Some((setting.key, matches.get_one::<String>(setting.key)?.clone()));
    Flags { config: matches.get_one("config").cloned(), values: settings.filter_map(value).collect() }
}

impl Args for ServeFlags {
    fn augment_args(command: Command) -> Command {
        augment(command, all())
    }

    fn augment_args_for_update(command: Command) -> Command {
        augment(command, all())
    }
}

impl FromArgMatches for ServeFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<ServeFlags, clap::Error> {
        Ok(ServeFlags(read(matches, all())))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0 = read(matches, all());
        Ok(())
    }
}

impl Args for DataFlags {
    fn augment_args(command: Command) -> Command {
        augment(command, data())
    }

    fn augment_args_for_update(command: Command) -> Command {
        augment(command, data())
    }
}

impl FromArgMatches for DataFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<DataFlags, clap::Error> {
        Ok(DataFlags(read(matches, data())))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0 = read(matches, data());
        Ok(())
    }
}
