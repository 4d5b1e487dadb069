//! The table of settings: the one place that names them. Flags, variables, the file's keys, help, defaults and
//! checks all derive from it.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::{Config, LogFormat};
use crate::auth::{FrameAncestors, Origin, Proxies};
use crate::units::{Size, parse_duration, parse_size, show_duration};

/// One thing an operator may choose.
pub struct Setting {
    /// The flag without its dashes; the variable and the file's key derive from it.
    pub key: &'static str,
    /// What stands for the value in the help.
    pub placeholder: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// What a right value is; completes "it must be …".
    pub right: &'static str,
    /// The value as text that `set` would take.
    pub get: fn(&Config) -> String,
    /// Take a value; `None` when it is wrong, and then nothing is changed.
    pub set: fn(&mut Config, &str) -> Option<()>,
}

impl Setting {
    /// The environment variable: `COWRITE_IDLE_FOR`.
    pub fn variable(&self) -> String {
        format!("COWRITE_{}", self.file_key().to_ascii_uppercase())
    }

    /// The key in the file: `idle_for`.
    pub fn file_key(&self) -> String {
        self.key.replace('-', "_")
    }
}

/// The setting that every command needs to find the documents.
pub const DATA: &str = "data";

/// Every setting, in the order of the help.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        placeholder: "ADDRESS",
        help: "Where the server listens",
        right: "an address and a port, such as 127.0.0.1:8080 or [::]:8080",
        get: |c| c.listen.to_string(),
        set: |c, text| put(&mut c.listen, text.parse().ok()),
    },
    Setting {
        key: "tls-cert",
        placeholder: "FILE",
        help: "The certificate that people are shown, with those that vouch for it behind it; the server then speaks HTTPS and nothing else",
        right: "none, or the path of a PEM file, such as /etc/cowrite/cert.pem",
        get: |c| show_path(&c.tls_cert),
        set: |c, text| put(&mut c.tls_cert, path(text)),
    },
    Setting {
        key: "tls-key",
        placeholder: "FILE",
        help: "The private key of that certificate. Both files are looked at every few seconds, and taken when they are new and right",
        right: "none, or the path of a PEM file, such as /etc/cowrite/key.pem",
        get: |c| show_path(&c.tls_key),
        set: |c, text| put(&mut c.tls_key, path(text)),
    },
    Setting {
        key: "base-path",
        placeholder: "PATH",
        help: "Under which path everything is: pages, API and sockets",
        right: "a path of letters, digits, '-', '.', '_' and '~', such as /notes or /team/notes",
        get: |c| format!("{}/", c.base_path),
        set: |c, text| put(&mut c.base_path, base_path(text)),
    },
    Setting {
        key: "frame-ancestors",
        placeholder: "ORIGINS",
        help: "Web pages that may show the app in a frame",
        right: "none, self or origins with commas between them, such as https://intranet.example",
        get: |c| c.frame_ancestors.to_string(),
        set: |c, text| put(&mut c.frame_ancestors, FrameAncestors::parse(text)),
    },
    Setting {
        key: DATA,
        placeholder: "FOLDER",
        help: "The folder that holds every document; it is made if it is missing",
        right: "the path of a folder, such as /var/lib/cowrite",
        get: |c| c.data.display().to_string(),
        set: |c, text| put(&mut c.data, (!text.is_empty()).then(|| text.into())),
    },
    Setting {
        key: "access",
        placeholder: "MODE",
        help: "Who may use the server: open for everybody who reaches it, accounts for people who sign in, jwt for whom another \
               application vouches; auto is open where only this machine reaches it, and does not start elsewhere",
        right: "auto, open, accounts or jwt",
        get: |c| c.access.map_or("auto".to_owned(), |mode| mode.to_string()),
        set: |c, text| {
            let mode = if text == "auto" { Some(None) } else { text.parse().ok().map(Some) };
            put(&mut c.access, mode)
        },
    },
    Setting {
        key: "jwt-secret-file",
        placeholder: "FILE",
        help: "A secret that is shared with the application which signs tokens with it (HS256); this or jwt-keys with --access jwt",
        right: "none, or the path of a file with at least 32 bytes, such as /etc/cowrite/jwt-secret",
        get: |c| show_path(&c.jwt_secret_file),
        set: |c, text| put(&mut c.jwt_secret_file, path(text)),
    },
    Setting {
        key: "jwt-keys",
        placeholder: "JWKS",
        help: "The public keys that tokens are checked with, as a key set (JWKS). A file is looked at every few seconds, a URL every \
               minute and when a token names a new key",
        right: "none, the path of a file or a URL, such as https://login.example/.well-known/jwks.json",
        get: |c| show_text(&c.jwt_keys),
        set: |c, text| put(&mut c.jwt_keys, words(text)),
    },
    Setting {
        key: "jwt-algorithms",
        placeholder: "NAMES",
        help: "How tokens may be signed",
        right: "HS256, RS256, ES256 and EdDSA, or some of them with commas between them, such as ES256",
        get: |c| c.jwt_algorithms.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        set: |c, text| {
            let algorithms = list(text, |name| name.parse().ok());
            put(&mut c.jwt_algorithms, algorithms.filter(|some| !some.is_empty()))
        },
    },
    Setting {
        key: "jwt-issuer",
        placeholder: "ISSUER",
        help: "Who has to have made tokens: their claim iss",
        right: "none, or what the issuer calls itself, such as https://login.example",
        get: |c| show_text(&c.jwt_issuer),
        set: |c, text| put(&mut c.jwt_issuer, words(text)),
    },
    Setting {
        key: "jwt-audience",
        placeholder: "AUDIENCE",
        help: "For whom tokens have to be: what their claim aud has to have",
        right: "none, or a name for this server, such as cowrite",
        get: |c| show_text(&c.jwt_audience),
        set: |c, text| put(&mut c.jwt_audience, words(text)),
    },
    Setting {
        key: "jwt-leeway",
        placeholder: "TIME",
        help: "How far the clock of whoever makes tokens may be off",
        right: "a duration of at most 10m, such as 30s",
        get: |c| show_duration(c.jwt_leeway),
        set: |c, text| put(&mut c.jwt_leeway, duration(text, 600)),
    },
    Setting {
        key: "origins",
        placeholder: "ORIGINS",
        help: "Web pages that may use the server besides its own, and the addresses that a proxy in front of it goes by",
        right: "origins with commas between them, such as https://notes.example",
        get: |c| c.origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        set: |c, text| put(&mut c.origins, list(text, |origin| Origin::parse(origin).ok())),
    },
    Setting {
        key: "trusted-proxies",
        placeholder: "NETWORKS",
        help: "Proxies whose X-Forwarded-* headers are believed",
        right: "addresses and networks with commas between them, such as 10.0.0.0/8",
        get: |c| c.trusted_proxies.to_string(),
        set: |c, text| put(&mut c.trusted_proxies, Proxies::parse(text).ok()),
    },
    Setting {
        key: "log",
        placeholder: "LEVELS",
        help: "What is logged: a level, and levels of single modules after it",
        right: "error, warn, info, debug, trace or directives such as info,cowrite::store=debug",
        get: |c| c.log.clone(),
        set: |c, text| {
            let known = tracing_subscriber::EnvFilter::try_new(text).is_ok();
            put(&mut c.log, known.then(|| text.to_owned()))
        },
    },
    Setting {
        key: "log-format",
        placeholder: "FORMAT",
        help: "How log lines look: text for people or json for machines",
        right: "text or json",
        get: |c| c.log_format.as_str().to_owned(),
        set: |c, text| put(&mut c.log_format, LogFormat::parse(text)),
    },
    Setting {
        key: "workers",
        placeholder: "THREADS",
        help: "Threads that serve sockets; auto means one for each core",
        right: "auto or a number from 1 to 1024",
        get: |c| c.workers.map_or("auto".to_owned(), |n| n.to_string()),
        set: |c, text| {
            let workers = match text {
                "auto" => Some(None),
                number => count(number, 1..=1024).map(Some),
            };
            put(&mut c.workers, workers)
        },
    },
    Setting {
        key: "message-bytes",
        placeholder: "SIZE",
        help: "Largest WebSocket message a client may send; a larger one closes its connection",
        right: "a size from 64KiB to 256MiB, such as 8MiB",
        get: |c| Size(c.message_bytes as u64).to_string(),
        set: |c, text| put(&mut c.message_bytes, size(text, 64 << 10..=256 << 20)),
    },
    Setting {
        key: "upload-bytes",
        placeholder: "SIZE",
        help: "Largest document that may be uploaded over HTTP",
        right: "a size from 1KiB to 256MiB, such as 8MiB",
        get: |c| Size(c.upload_bytes as u64).to_string(),
        set: |c, text| put(&mut c.upload_bytes, size(text, 1 << 10..=256 << 20)),
    },
    Setting {
        key: "image-bytes",
        placeholder: "SIZE",
        help: "Largest image that may be added to a document",
        right: "a size from 1KiB to 64MiB, such as 8MiB",
        get: |c| Size(c.image_bytes as u64).to_string(),
        set: |c, text| put(&mut c.image_bytes, size(text, 1 << 10..=64 << 20)),
    },
    Setting {
        key: "document-bytes",
        placeholder: "SIZE",
        help: "Largest document; from 90 % of it people are told, and at it they may only delete",
        right: "a size from 64KiB to 1GiB, such as 64MiB",
        get: |c| Size(c.document_bytes as u64).to_string(),
        set: |c, text| put(&mut c.document_bytes, size(text, 64 << 10..=1 << 30)),
    },
    Setting {
        key: "connections-per-document",
        placeholder: "COUNT",
        help: "Connections one document may have; the next is asked to come back later",
        right: "a number from 1 to 1000000",
        get: |c| c.connections_per_document.to_string(),
        set: |c, text| put(&mut c.connections_per_document, count(text, 1..=1_000_000)),
    },
    Setting {
        key: "connections-per-address",
        placeholder: "COUNT",
        help: "Connections one address may have; the next is asked to come back later",
        right: "a number from 1 to 1000000",
        get: |c| c.connections_per_address.to_string(),
        set: |c, text| put(&mut c.connections_per_address, count(text, 1..=1_000_000)),
    },
    Setting {
        key: "updates-per-second",
        placeholder: "COUNT",
        help: "Updates a second that one connection may send for long; a faster one is read more slowly",
        right: "a number from 1 to 1000000",
        get: |c| c.updates_per_second.to_string(),
        set: |c, text| put(&mut c.updates_per_second, count(text, 1..=1_000_000).map(|n| n as u64)),
    },
    Setting {
        key: "bytes-per-second",
        placeholder: "SIZE",
        help: "Bytes of messages a second that one connection may send for long; a faster one is read more slowly",
        right: "a size from 1KiB to 1TiB, such as 64MiB",
        get: |c| Size(c.bytes_per_second).to_string(),
        set: |c, text| put(&mut c.bytes_per_second, size(text, 1 << 10..=1 << 40).map(|n| n as u64)),
    },
    Setting {
        key: "idle-for",
        placeholder: "DURATION",
        help: "How long a document without connections stays in memory",
        right: "a duration from 0s to 24h, such as 30s",
        get: |c| show_duration(c.idle_for),
        set: |c, text| put(&mut c.idle_for, duration(text, 24 * 3600)),
    },
    Setting {
        key: "drain-for",
        placeholder: "DURATION",
        help: "How long a server that shuts down waits for its documents before it gives up and says so",
        right: "a duration from 0s to 10m, such as 8s",
        get: |c| show_duration(c.drain_for),
        set: |c, text| put(&mut c.drain_for, duration(text, 600)),
    },
    Setting {
        key: "checkpoint-bytes",
        placeholder: "SIZE",
        help: "Bytes of changes after which a document is checkpointed",
        right: "a size from 4KiB to 1GiB, such as 256KiB",
        get: |c| Size(c.checkpoint_bytes as u64).to_string(),
        set: |c, text| put(&mut c.checkpoint_bytes, size(text, 4 << 10..=1 << 30)),
    },
    Setting {
        key: "checkpoint-updates",
        placeholder: "COUNT",
        help: "Updates after which a document is checkpointed",
        right: "a number from 1 to 1000000",
        get: |c| c.checkpoint_updates.to_string(),
        set: |c, text| put(&mut c.checkpoint_updates, count(text, 1..=1_000_000)),
    },
    Setting {
        key: "journal-segment-bytes",
        placeholder: "SIZE",
        help: "Size at which the journal begins a new file",
        right: "a size from 1MiB to 4GiB, such as 64MiB",
        get: |c| Size(c.journal_segment_bytes).to_string(),
        set: |c, text| put(&mut c.journal_segment_bytes, size(text, 1 << 20..=4 << 30).map(|n| n as u64)),
    },
    Setting {
        key: "journal-retention-bytes",
        placeholder: "SIZE",
        help: "How much journal is kept as history. Past it the oldest file goes, once a checkpoint covers it; \
               0 keeps only what no checkpoint covers, all keeps everything",
        right: "all or a size, such as 1GiB",
        get: |c| c.journal_retention_bytes.map_or("all".to_owned(), |n| Size(n).to_string()),
        set: |c, text| {
            let retention = match text {
                "all" => Some(None),
                bytes => parse_size(bytes).map(Some),
            };
            put(&mut c.journal_retention_bytes, retention)
        },
    },
];

fn put<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}

/// The parts of a list, each of which has to be right; none is right too.
fn list<T>(text: &str, part: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(part).collect()
}

/// A file that may be none.
fn path(text: &str) -> Option<Option<PathBuf>> {
    match text {
        "" => None,
        "none" => Some(None),
        path => Some(Some(path.into())),
    }
}

fn show_path(path: &Option<PathBuf>) -> String {
    path.as_ref().map_or("none".to_owned(), |path| path.display().to_string())
}

/// A text that may be none.
fn words(text: &str) -> Option<Option<String>> {
    match text {
        "" => None,
        "none" => Some(None),
        text => Some(Some(text.to_owned())),
    }
}

fn show_text(text: &Option<String>) -> String {
    text.clone().unwrap_or_else(|| "none".to_owned())
}

/// A path without a slash at its end. Its letters need no escaping anywhere, and `..` goes nowhere.
fn base_path(text: &str) -> Option<String> {
    let path = text.strip_suffix('/').unwrap_or(text);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let right =
        |part: &str| !part.is_empty() && !part.bytes().all(|b| b == b'.') && part.bytes().all(allowed);
    let parts = path.strip_prefix('/').map(|path| path.split('/').all(right));
    (text.starts_with('/') && parts.unwrap_or(true)).then(|| path.to_owned())
}

fn count(text: &str, range: RangeInclusive<usize>) -> Option<usize> {
    text.parse().ok().filter(|n| range.contains(n))
}

fn size(text: &str, range: RangeInclusive<usize>) -> Option<usize> {
    parse_size(text)?.try_into().ok().filter(|n| range.contains(n))
}

fn duration(text: &str, most_seconds: u64) -> Option<Duration> {
    parse_duration(text).filter(|&d| d <= Duration::from_secs(most_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_right_value_and_reads_back_as_itself() {
        let defaults = Config::default();
        for setting in SETTINGS {
            let mut config = Config::default();
            let text = (setting.get)(&defaults);
            assert_eq!((setting.set)(&mut config, &text), Some(()), "{}: {text}", setting.key);
            assert_eq!(config, defaults, "{}: {text}", setting.key);
        }
    }

    #[test]
    fn the_example_in_every_hint_is_right() {
        for setting in SETTINGS {
            let Some((_, examples)) = setting.right.split_once("such as ") else { continue };
            for example in examples.split(" or ") {
                let mut config = Config::default();
                assert_eq!((setting.set)(&mut config, example), Some(()), "{}: {example}", setting.key);
            }
        }
    }

    #[test]
    fn a_base_path_is_plain() {
        for (text, path) in [("/", ""), ("/notes", "/notes"), ("/notes/", "/notes"), ("/a/b.c~", "/a/b.c~")] {
            assert_eq!(base_path(text).as_deref(), Some(path), "{text:?}");
        }
        for wrong in
            ["", "notes", "//", "/notes//", "//evil.example", "/a/../b", "/a b", "/{id}", "/%2e", "/ä"]
        {
            assert_eq!(base_path(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn names_derive_from_the_key() {
        let setting = SETTINGS.iter().find(|s| s.key == "idle-for").expect("a setting");
        assert_eq!(setting.variable(), "COWRITE_IDLE_FOR");
        assert_eq!(setting.file_key(), "idle_for");
    }
}
