//! The index on disk: every line of SQL that there is.
//!
//! Nothing stands here that is not elsewhere. So it need not survive a power cut, and what is damaged or of another format is deleted
//! and made anew.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::words::{Query, spaced};
use super::{Document, Hit, SearchError, Stamp};
use crate::ids::{DocId, DocNumber};

/// To be raised with every change to the tables, or to what `spaced` makes of a text.
const FORMAT: i64 = 1;

/// The texts, and the index over them. The index holds no text of its own (`content=''`): it is given another form of it than
/// is shown. What is taken out of it has to be named exactly, and goes out of the file at once (`secure-delete`).
/// A word in the title weighs as much as eight in the text.
const TABLES: &str = "
    CREATE TABLE documents (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, updated_ms INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL
    );
    CREATE VIRTUAL TABLE words USING fts5 (
        title, text, content='', prefix='1 2 3', tokenize=\"unicode61 remove_diacritics 2\"
    );
    INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
    INSERT INTO words (words, rank) VALUES ('rank', 'bm25(8.0, 1.0)');
";

/// Memory for pages, in KiB, negative as SQLite wants it.
const CACHE: i64 = -8 * 1024;

fn file(folder: &Path) -> PathBuf {
    folder.join("index.sqlite")
}

/// Whoever keeps the index current.
pub struct Index {
    connection: Connection,
}

impl Index {
    /// Open the index in that folder, or make a new one. Blocking: the whole file is looked at.
    pub fn open(folder: &Path) -> Result<Index, SearchError> {
        fs::create_dir_all(folder).map_err(SearchError::failed)?;
        match Index::open_file(folder) {
            Err(SearchError::Damaged(reason)) => {
                tracing::info!(reason, "the search index is made anew");
                Index::delete(folder)?;
                Index::open_file(folder)
            }
            opened => opened,
        }
    }

    fn open_file(folder: &Path) -> Result<Index, SearchError> {
        let connection = Connection::open(file(folder))?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        match (read("user_version")?, read("schema_version")?) {
            (FORMAT, _) => {
                let found: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
                if found != "ok" {
                    return Err(SearchError::Damaged(found));
                }
            }
            (0, 0) => {
                connection.execute_batch(&format!(
                    "BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {FORMAT}; COMMIT;"
                ))?;
            }
            (other, _) => return Err(SearchError::Damaged(format!("it has format {other}"))),
        }
        Ok(Index { connection })
    }

    /// Delete the index. Nobody may have it open.
    pub fn delete(folder: &Path) -> Result<(), SearchError> {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = file(folder).into_os_string();
            path.push(ending);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(SearchError::failed(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What the index holds of every document.
    pub fn known(&self) -> Result<Vec<(DocNumber, Stamp)>, SearchError> {
        let mut statement = self.connection.prepare("SELECT number, updated_ms, title FROM documents")?;
        let rows = statement.query_map([], |row| {
            let title: String = row.get(2)?;
            Ok((DocNumber(row.get(0)?), Stamp::of(row.get(1)?, &title)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The id under which a document stands in the index.
    pub fn id(&self, number: DocNumber) -> Result<Option<DocId>, SearchError> {
        let sql = "SELECT id FROM documents WHERE number = ?";
        let id: Option<String> = self.connection.query_row(sql, [number.0], |row| row.get(0)).optional()?;
        Ok(id.and_then(|id| DocId::parse(&id).ok()))
    }

    /// Put documents into the index, in place of what it holds of them.
    pub fn put(&mut self, documents: &[Document]) -> Result<(), SearchError> {
        let transaction = self.connection.transaction()?;
        for Document { number, id, updated_ms, title, text } in documents {
            take_out(&transaction, *number)?;
            transaction
                .prepare_cached(
                    "INSERT INTO documents (number, id, updated_ms, title, text) VALUES (?, ?, ?, ?, ?)",
                )?
                .execute(params![number.0, id.as_str(), updated_ms, title, text])?;
            transaction
                .prepare_cached("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)")?
                .execute(params![number.0, spaced(title), spaced(text)])?;
        }
        Ok(transaction.commit()?)
    }

    /// Take documents out of the index.
    pub fn remove(&mut self, numbers: &[DocNumber]) -> Result<(), SearchError> {
        let transaction = self.connection.transaction()?;
        for number in numbers {
            take_out(&transaction, *number)?;
        }
        Ok(transaction.commit()?)
    }
}

/// Without naming the very words that were put in, they would stay.
fn take_out(connection: &Connection, number: DocNumber) -> Result<(), SearchError> {
    let old = connection
        .prepare_cached("DELETE FROM documents WHERE number = ? RETURNING title, text")?
        .query_row([number.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    if let Some((title, text)) = old {
        connection
            .prepare_cached("INSERT INTO words (words, rowid, title, text) VALUES ('delete', ?, ?, ?)")?
            .execute(params![number.0, spaced(&title), spaced(&text)])?;
    }
    Ok(())
}

/// Whoever looks something up. Sees what was put in so far, whole transactions only.
pub struct Reader {
    connection: Connection,
}

impl Reader {
    /// Open the index that an [`Index`] has made.
    pub fn open(folder: &Path) -> Result<Reader, SearchError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file(folder), flags)?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        Ok(Reader { connection })
    }

    /// The documents that have all words of the query, the best first, without the first `skip`.
    pub fn find(&self, query: &Query, skip: usize, limit: usize) -> Result<Vec<Hit>, SearchError> {
        let mut statement = self.connection.prepare_cached(
            "WITH found AS (
                SELECT rowid AS number, rank FROM words WHERE words MATCH ? ORDER BY rank, rowid LIMIT ? OFFSET ?
            )
            SELECT number, id, rank FROM found JOIN documents USING (number) ORDER BY rank, number",
        )?;
        let rows = statement.query_map(params![query.to_fts(), limit, skip], |row| {
            Ok((DocNumber(row.get(0)?), row.get::<_, String>(1)?, row.get(2)?))
        })?;
        let hit = |row: rusqlite::Result<(DocNumber, String, f64)>| {
            let (number, id, rank) = row?;
            let id = DocId::parse(&id).map_err(|error| SearchError::Damaged(error.to_string()))?;
            Ok(Hit { number, id, rank })
        };
        rows.map(hit).collect()
    }

    /// The text of a document, as far as it is in the index.
    pub fn text(&self, number: DocNumber) -> Result<Option<String>, SearchError> {
        let mut statement = self.connection.prepare_cached("SELECT text FROM documents WHERE number = ?")?;
        Ok(statement.query_row([number.0], |row| row.get(0)).optional()?)
    }
}

impl From<rusqlite::Error> for SearchError {
    fn from(error: rusqlite::Error) -> SearchError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                SearchError::Damaged(error.to_string())
            }
            // A table or a column that is not there, or a file that somebody deleted meanwhile.
            Some(ErrorCode::Unknown | ErrorCode::SchemaChanged | ErrorCode::CannotOpen) => {
                SearchError::Damaged(error.to_string())
            }
            _ => SearchError::failed(error),
        }
    }
}
