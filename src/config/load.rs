//! From flags, variables and a file to one [`Config`], or to every reason why not.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::settings::{SETTINGS, Setting};
use super::{Config, Flags};
use crate::auth::Mode;

/// The variable that names the file, as `--config` does.
pub const FILE_VARIABLE: &str = "COWRITE_CONFIG";

/// A variable that is ours and no setting: the token that the command line brings to a server.
const TOKEN_VARIABLE: &str = "COWRITE_TOKEN";

const PREFIX: &str = "COWRITE_";

/// Settings and what was odd about them.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    /// Sentences for the log: variables that look like ours and are not.
    pub warnings: Vec<String>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Flag(&'static str),
    Variable(String),
    File { path: PathBuf, line: usize },
}

/// One reason why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{key} cannot be {value:?} ({origin}): it must be {right}")]
    Value { key: String, value: String, origin: Origin, right: &'static str },
    #[error("{key} cannot be {value} ({origin}): a setting is a text, a number or true or false")]
    Shape { key: String, value: &'static str, origin: Origin },
    #[error("{origin} names the setting {key:?}, which does not exist{}", did_you_mean(.nearest))]
    Unknown { key: String, origin: Origin, nearest: Option<String> },
    #[error("{given} is set and {missing} is not: they go together")]
    Alone { given: &'static str, missing: &'static str },
    #[error("{0} and {1} are both set: choose one of them")]
    Both(&'static str, &'static str),
    #[error("the settings file {} cannot be read: {error}", .path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{origin} is not TOML: {message}")]
    NotToml { origin: Origin, message: String },
}

/// Every reason at once, so that they can be mended at once. Never empty.
#[derive(Debug)]
pub struct Errors(pub Vec<ConfigError>);

/// Put the settings together: a flag goes before a variable, a variable before the file, the file before the default.
///
/// `environment` is the whole environment, and an empty variable counts as none: that is how container tools pass what
/// nobody has set. An unknown variable is only a warning, because others set some in our name (Kubernetes gives
/// every pod a `COWRITE_PORT` when a service is called `cowrite`).
pub fn load(
    flags: &Flags,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Loaded, Errors> {
    let variables = ours(environment);
    let variable = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value);

    let mut sheet = Sheet { config: Config::default(), errors: Vec::new() };
    if let Some(path) = flags.config.clone().or_else(|| variable(FILE_VARIABLE).map(PathBuf::from)) {
        sheet.read_file(&path);
    }
    for setting in SETTINGS {
        let name = setting.variable();
        if let Some(value) = variable(&name) {
            // What is not UTF-8 is shown as well as it can be and is wrong for every setting but, by luck, a path.
            sheet.set(setting, &value.to_string_lossy(), Origin::Variable(name));
        }
    }
    for (key, value) in &flags.values {
        let setting = SETTINGS.iter().find(|setting| setting.key == *key).expect("flags come from the table");
        sheet.set(setting, value, Origin::Flag(setting.key));
    }
    sheet.errors.extend(sheet.config.tls().err());
    if sheet.config.jwt_secret_file.is_some() && sheet.config.jwt_keys.is_some() {
        sheet.errors.push(ConfigError::Both("jwt_secret_file", "jwt_keys"));
    }
    match sheet.errors.is_empty() {
        true => {
            let mut warnings = warnings(&variables);
            warnings.extend(idle(&sheet.config));
            Ok(Loaded { config: sheet.config, warnings })
        }
        false => Err(Errors(sheet.errors)),
    }
}

/// The settings so far and what was wrong with them.
struct Sheet {
    config: Config,
    errors: Vec<ConfigError>,
}

impl Sheet {
    fn set(&mut self, setting: &Setting, value: &str, origin: Origin) {
        if (setting.set)(&mut self.config, value).is_none() {
            let (key, right) = (setting.file_key(), setting.right);
            self.errors.push(ConfigError::Value { key, value: value.to_owned(), origin, right });
        }
    }

    fn read_file(&mut self, path: &Path) {
        match std::fs::read_to_string(path) {
            Ok(text) => self.read_toml(path, &text),
            Err(error) => self.errors.push(ConfigError::Unreadable { path: path.to_owned(), error }),
        }
    }

    fn read_toml(&mut self, path: &Path, text: &str) {
        let origin = |offset: usize| {
            let before = text.as_bytes().iter().take(offset);
            Origin::File { path: path.to_owned(), line: 1 + before.filter(|&&byte| byte == b'\n').count() }
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let origin = origin(error.span().map_or(0, |span| span.start));
                let message = error.message().to_owned();
                return self.errors.push(ConfigError::NotToml { origin, message });
            }
        };
        // The table sorts its keys; people read a file from top to bottom.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let origin = origin(key.span().start);
            let key = key.get_ref().to_string();
            let Some(setting) = SETTINGS.iter().find(|setting| setting.file_key() == key) else {
                let nearest = nearest(&key, SETTINGS.iter().map(Setting::file_key));
                self.errors.push(ConfigError::Unknown { key, origin, nearest });
                continue;
            };
            match plain(value.get_ref()) {
                Ok(value) => self.set(setting, &value, origin),
                Err(value) => self.errors.push(ConfigError::Shape { key, value, origin }),
            }
        }
    }
}

/// A value as the text it would have as a flag, or the name of a type that no setting has.
fn plain(value: &DeValue<'_>) -> Result<String, &'static str> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
            .map(|number| number.to_string())
            .map_err(|_| "such a number"),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Ok(yes.to_string()),
        DeValue::Datetime(_) => Err("a date"),
        DeValue::Array(_) => Err("an array"),
        DeValue::Table(_) => Err("a table"),
    }
}

fn ours(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<(String, OsString)> {
    let mut ours: Vec<_> = environment
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty())
        .collect();
    ours.sort();
    ours
}

fn warnings(variables: &[(String, OsString)]) -> Vec<String> {
    let known: Vec<_> = SETTINGS
        .iter()
        .map(Setting::variable)
        .chain([FILE_VARIABLE.to_owned(), TOKEN_VARIABLE.to_owned()])
        .collect();
    let unknown = variables.iter().map(|(name, _)| name).filter(|name| !known.contains(name));
    unknown
        .map(|name| {
            let hint = did_you_mean(&nearest(name, known.iter().cloned()));
            format!("the environment variable {name} is no setting and was ignored{hint}")
        })
        .collect()
}

/// Settings that count for nothing because of another one.
fn idle(config: &Config) -> Option<String> {
    let access = config.access.filter(|access| *access != Mode::Jwt)?;
    config.speaks_of_tokens().then(|| {
        format!(
            "settings that begin with jwt are there and access is {access}: they count only with access = jwt"
        )
    })
}

/// The known name that was probably meant.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let plain = |name: &str| name.to_ascii_lowercase().replace('-', "_");
    let name = plain(name);
    known
        .map(|known| (strsim::damerau_levenshtein(&name, &plain(&known)), known))
        .min_by_key(|(distance, _)| *distance)
        // More slips than a third of the letters and the name meant something else.
        .filter(|(distance, known)| distance * 3 <= known.trim_start_matches(PREFIX).len())
        .map(|(_, known)| known)
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or(String::new(), |name| format!("; did you mean {name}?"))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(key) => write!(f, "flag --{key}"),
            Origin::Variable(name) => write!(f, "environment {name}"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
        }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Errors {}

#[cfg(test)]
mod tests;
