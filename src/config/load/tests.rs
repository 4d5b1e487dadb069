use std::io::Write;
use std::time::Duration;

use super::*;

/// A settings file that goes when the test does.
fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn flags(config: Option<&Path>, values: &[(&'static str, &str)]) -> Flags {
    Flags {
        config: config.map(Path::to_owned),
        values: values.iter().map(|&(key, value)| (key, value.to_owned())).collect(),
    }
}

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn errors(flags: &Flags, variables: &[(&str, &str)]) -> Vec<String> {
    let Errors(errors) = load(flags, environment(variables)).expect_err("wrong settings");
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_said_means_the_defaults() {
    let loaded = load(&Flags::default(), []).expect("defaults are right");
    assert_eq!(loaded.config, Config::default());
    assert!(loaded.warnings.is_empty());
}

#[test]
fn a_flag_goes_before_a_variable_and_a_variable_before_the_file() {
    let file = file("idle_for = \"1s\"\ndrain_for = \"1s\"\nlisten = \"127.0.0.1:1\"\nworkers = 0x4\n");
    let flags = flags(Some(file.path()), &[("idle-for", "3s")]);
    let variables = [("COWRITE_IDLE_FOR", "2s"), ("COWRITE_DRAIN_FOR", "2s"), ("PATH", "/bin")];
    let config = load(&flags, environment(&variables)).expect("right").config;
    assert_eq!(config.idle_for, Duration::from_secs(3));
    assert_eq!(config.drain_for, Duration::from_secs(2));
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.workers, Some(4));
}

#[test]
fn the_variable_names_the_file_and_the_flag_goes_before_it() {
    let (ours, other) = (file("workers = 1"), file("workers = 2"));
    let variables = [("COWRITE_CONFIG", other.path().to_str().expect("a path in UTF-8"))];
    let config = |flags: &Flags| load(flags, environment(&variables)).expect("right").config;
    assert_eq!(config(&Flags::default()).workers, Some(2));
    assert_eq!(config(&flags(Some(ours.path()), &[])).workers, Some(1));
}

#[test]
fn how_large_documents_become_is_a_setting() {
    let config = |text| load(&flags(None, &[("document-bytes", text)]), []).map(|loaded| loaded.config);
    assert_eq!(config("100KiB").expect("right").document_bytes, 100 * 1024);
    assert!(config("1KiB").is_err(), "a document has room for a page");
}

#[test]
fn an_empty_variable_counts_as_none() {
    let loaded = load(&Flags::default(), environment(&[("COWRITE_LISTEN", ""), ("COWRITE_CONFIG", "")]));
    assert_eq!(loaded.expect("right").config, Config::default());
}

#[test]
fn a_wrong_value_names_its_key_its_origin_and_what_would_be_right() {
    assert_eq!(
        errors(&flags(None, &[("listen", "8080")]), &[]),
        [
            "listen cannot be \"8080\" (flag --listen): it must be an address and a port, such as 127.0.0.1:8080 or [::]:8080"
        ]
    );
    assert_eq!(
        errors(&Flags::default(), &[("COWRITE_MESSAGE_BYTES", "8M")]),
        [
            "message_bytes cannot be \"8M\" (environment COWRITE_MESSAGE_BYTES): it must be a size from 64KiB to 256MiB, such as 8MiB"
        ]
    );
    let file = file("# slow disks\n\nidle_for = 30\n");
    let path = file.path().display();
    assert_eq!(
        errors(&flags(Some(file.path()), &[]), &[]),
        [format!("idle_for cannot be \"30\" ({path}:3): it must be a duration from 0s to 24h, such as 30s")]
    );
}

#[test]
fn every_mistake_is_reported_at_once() {
    let file = file("workers = 0\n[listen]\nport = 8080\n");
    let path = file.path().display();
    let found = errors(&flags(Some(file.path()), &[("log-format", "xml")]), &[("COWRITE_LOG", "info,=")]);
    assert_eq!(
        found,
        [
            format!("workers cannot be \"0\" ({path}:1): it must be auto or a number from 1 to 1024"),
            format!("listen cannot be a table ({path}:2): a setting is a text, a number or true or false"),
            "log cannot be \"info,=\" (environment COWRITE_LOG): it must be error, warn, info, debug, trace or directives such as info,cowrite::store=debug".to_owned(),
            "log_format cannot be \"xml\" (flag --log-format): it must be text or json".to_owned(),
        ]
    );
}

#[test]
fn an_unknown_key_in_the_file_is_an_error_with_the_nearest_name() {
    let file = file("listen = \"127.0.0.1:1\"\nlog-format = \"json\"\nidel_for = \"3s\"\ncolour = true\n");
    let path = file.path().display();
    assert_eq!(
        errors(&flags(Some(file.path()), &[]), &[]),
        [
            format!(
                "{path}:2 names the setting \"log-format\", which does not exist; did you mean log_format?"
            ),
            format!("{path}:3 names the setting \"idel_for\", which does not exist; did you mean idle_for?"),
            format!("{path}:4 names the setting \"colour\", which does not exist"),
        ]
    );
}

#[test]
fn an_unknown_variable_is_a_warning_with_the_nearest_name() {
    let variables = [("COWRITE_LISTN", "x"), ("COWRITE_PORT", "tcp://10.0.0.1:80"), ("COWRITER", "me")];
    let loaded = load(&Flags::default(), environment(&variables)).expect("only warnings");
    assert_eq!(
        loaded.warnings,
        [
            "the environment variable COWRITE_LISTN is no setting and was ignored; did you mean COWRITE_LISTEN?",
            "the environment variable COWRITE_PORT is no setting and was ignored",
        ]
    );
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_told_by_its_path() {
    let missing = Path::new("no/such/cowrite.toml");
    let found = errors(&flags(Some(missing), &[]), &[]);
    assert!(found[0].starts_with("the settings file no/such/cowrite.toml cannot be read: "), "{found:?}");

    let file = file("listen = \"127.0.0.1:1\"\nworkers = = 3\n");
    let found = errors(&flags(Some(file.path()), &[]), &[]);
    assert!(found[0].starts_with(&format!("{}:2 is not TOML: ", file.path().display())), "{found:?}");
}
