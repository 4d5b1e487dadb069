//! Documents at a running server, and a file that becomes a document in a folder.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use bytes::Bytes;
use serde_json::{Value, json};

use super::offline::{OfflineError, deliver, safe};
use super::remote::{Remote, RemoteError, escaped};
use super::{Documents, Export, Import};
use crate::access::now_ms;
use crate::ids::{DocId, Kind, Seq};
use crate::import::{self, ImportError};
use crate::store::{Append, Change, Listener, Store, StoreError};

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Offline(#[from] OfflineError),
    #[error("{} cannot be read: {error}. Nothing was imported", .path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{0}. Nothing was imported")]
    Import(#[from] ImportError),
    #[error("{0}. Nothing was imported")]
    Store(#[from] StoreError),
    #[error("document {id} was made, and its text could not be written: {error}")]
    Half { id: DocId, error: StoreError },
}

/// List what the server shows whoever the token belongs to.
pub fn list(server: &Remote, command: &Documents, out: &mut dyn Write) -> Result<(), DocumentsError> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&format!("/documents?limit=1000{cursor}"))?;
        all.extend(page["documents"].as_array().ok_or_else(|| server.strange())?.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", escaped(next)),
            None => break,
        }
    }
    let text = match command.json {
        true => format!("{:#}\n", Value::from(all)),
        false => all.iter().map(row).collect(),
    };
    Ok(deliver(None, text.as_bytes(), out)?)
}

fn row(document: &Value) -> String {
    let text = |key: &str| document[key].as_str().unwrap_or_default();
    let (id, role, updated) = (text("id"), text("role"), text("updated"));
    format!("{id}  {role}  {updated}  {}\n", safe(text("title")))
}

/// Write a document that the server has.
pub fn export(server: &Remote, command: &Export, out: &mut dyn Write) -> Result<(), DocumentsError> {
    let path = format!("/documents/{}/export?format={}", command.id, command.format());
    Ok(deliver(command.output.as_deref(), &server.download(&path)?, out)?)
}

/// Make a document of a file at the server, and print its address.
pub fn import(server: &Remote, command: &Import, out: &mut dyn Write) -> Result<(), DocumentsError> {
    let file = File::read(command)?;
    let mut body = json!({"kind": file.kind, "title": file.title, "text": file.text});
    if let Some(id) = &command.id {
        body["id"] = json!(id);
    }
    let made = server.send("POST", "/documents", &body)?;
    let page = made["links"]["page"].as_str().ok_or_else(|| server.strange())?;
    Ok(deliver(None, format!("{}\n", server.page(page)).as_bytes(), out)?)
}

/// Make a document of a file in a folder, and print its id once it is durable. Nobody owns it: it is the administrators'.
pub fn import_offline(
    store: &dyn Store,
    command: &Import,
    out: &mut dyn Write,
) -> Result<(), DocumentsError> {
    let file = File::read(command)?;
    let id = command.id.clone().unwrap_or_else(DocId::random);
    let (entry, receipt) = store.create(&id, file.kind, &file.title, false)?;
    receipt.blocking_recv().unwrap_or(Err(StoreError::Closed))?;
    if let Some(update) = import::initial_update(&file.text) {
        write(store, entry.number, update).map_err(|error| DocumentsError::Half { id: id.clone(), error })?;
    }
    Ok(deliver(None, format!("{id}\n").as_bytes(), out)?)
}

/// Write the first change of a document, and wait until it is durable.
fn write(store: &dyn Store, document: crate::ids::DocNumber, update: Bytes) -> Result<(), StoreError> {
    let (fate, fates) = mpsc::channel();
    let change = Change { at_ms: now_ms(), author: "import".into(), update };
    store.append(Append {
        document,
        first: Seq(1),
        changes: vec![change],
        listener: Arc::new(Waits(fate)),
    })?;
    fates.recv().unwrap_or(Err(StoreError::Closed))
}

/// Passes on what became of a change.
struct Waits(mpsc::Sender<Result<(), StoreError>>);

impl Listener for Waits {
    fn durable(&self, _: Seq) {
        let _ = self.0.send(Ok(()));
    }
    fn failed(&self, error: &StoreError) {
        let _ = self.0.send(Err(error.clone()));
    }
    fn recovered(&self) {}
}

struct File {
    kind: Kind,
    title: String,
    text: String,
}

impl File {
    fn read(command: &Import) -> Result<File, DocumentsError> {
        let name = command.file.to_string_lossy();
        let kind = import::kind(&name)?;
        let unreadable = |error| DocumentsError::Unreadable { path: command.file.clone(), error };
        let text = import::text(&fs::read(&command.file).map_err(unreadable)?)?;
        let title = command.title.clone().unwrap_or_else(|| import::title(&name).to_owned());
        Ok(File { kind, title, text })
    }
}
