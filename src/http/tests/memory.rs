//! The service as the handlers' tests have it.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

use crate::document::Person;
use crate::export;
use crate::http::{Answer, Documents, NewDocument, ServiceError};
use crate::ids::{DocId, DocNumber, Epoch, ImageName, SessionId};
use crate::protocol::close::Close;
use crate::store::{
    Edit, Entry, Filing, Health, Images, Kept, Listing, MemoryImages, StoreError, edited, page_of,
};

/// Documents in memory, with a clock that moves on by one millisecond at each change.
#[derive(Default)]
pub struct Memory(Mutex<State>, Arc<MemoryImages>);

pub struct State {
    rows: Vec<(Entry, Bytes)>,
    now_ms: u64,
    pub health: Health,
    pub draining: bool,
}

impl Default for State {
    fn default() -> State {
        State { rows: Vec::new(), now_ms: 1_777_896_000_000, health: Health::Writable, draining: false }
    }
}

impl State {
    fn now(&mut self) -> u64 {
        self.now_ms += 1;
        self.now_ms
    }

    fn writable(&self) -> Result<(), StoreError> {
        match &self.health {
            Health::Writable => Ok(()),
            Health::ReadOnly(reason) => Err(StoreError::ReadOnly(reason.clone())),
        }
    }

    fn row(&mut self, id: &DocId) -> Result<&mut (Entry, Bytes), StoreError> {
        let row = self.rows.iter_mut().rfind(|(entry, _)| entry.id == *id);
        match row {
            None => Err(StoreError::Unknown(id.clone())),
            Some((entry, _)) if entry.deleted_ms.is_some() => Err(StoreError::Deleted(id.clone())),
            Some((entry, _)) if entry.trashed_ms.is_some() => Err(StoreError::Trashed(id.clone())),
            Some(row) => Ok(row),
        }
    }
}

impl Memory {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("unpoisoned")
    }

    fn answer<T: 'static>(&self, make: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Answer<'_, T> {
        let made = make(&mut self.lock()).map_err(ServiceError::from);
        Box::pin(std::future::ready(made))
    }
}

impl Documents for Memory {
    fn create(&self, new: NewDocument) -> Answer<'_, Entry> {
        self.answer(|state| {
            state.writable()?;
            match state.row(&new.id) {
                Ok(_) => return Err(StoreError::Exists(new.id)),
                Err(error @ StoreError::Trashed(_)) => return Err(error),
                Err(error @ StoreError::Deleted(_)) if !new.again => return Err(error),
                Err(_) => {}
            }
            let (now, number) = (state.now(), DocNumber(state.rows.len() as u64));
            let (id, kind, title) = (new.id, new.kind, new.title);
            let (epoch, created_ms, updated_ms, deleted_ms) = (Epoch::random(), now, now, None);
            let entry = Entry {
                number,
                id,
                epoch,
                kind,
                title,
                created_ms,
                updated_ms,
                deleted_ms,
                tags: Vec::new(),
                trashed_ms: None,
            };
            let state_of_it =
                new.update.unwrap_or_else(|| export::encode(&crate::protocol::empty_doc()).into());
            state.rows.push((entry.clone(), state_of_it));
            Ok(entry)
        })
    }

    fn find<'a>(&'a self, id: &'a DocId) -> Answer<'a, Entry> {
        self.answer(|state| Ok(state.row(id)?.0.clone()))
    }

    fn entry<'a>(&'a self, id: &'a DocId) -> Answer<'a, Option<Entry>> {
        self.answer(|state| {
            Ok(state.rows.iter().rfind(|(entry, _)| entry.id == *id).map(|row| row.0.clone()))
        })
    }

    fn list(&self, listing: Listing) -> Answer<'_, Vec<Entry>> {
        self.answer(move |state| {
            let entries = state.rows.iter().map(|(entry, _)| entry.clone());
            Ok(page_of(entries.collect(), &listing))
        })
    }

    fn filing(&self) -> Answer<'_, Arc<Filing>> {
        self.answer(|state| Ok(Arc::new(Filing::of(state.rows.iter().map(|(entry, _)| entry)))))
    }

    fn edit<'a>(&'a self, id: &'a DocId, edit: Edit) -> Answer<'a, Entry> {
        self.answer(|state| {
            state.writable()?;
            let now = state.now();
            let row = state.rows.iter_mut().rfind(|(entry, _)| entry.id == *id);
            let edited = edited(row.as_ref().map(|row| row.0.clone()), id, edit, now)?;
            row.expect("it was edited").0 = Entry { updated_ms: now, ..edited.clone() };
            Ok(edited)
        })
    }

    fn state<'a>(&'a self, id: &'a DocId) -> Answer<'a, (Entry, Bytes)> {
        self.answer(|state| state.row(id).cloned())
    }

    fn contribute<'a>(&'a self, id: &'a DocId, _: Arc<str>, update: Bytes) -> Answer<'a, ()> {
        self.answer(|state| {
            state.writable()?;
            let row = state.row(id)?;
            let doc = export::replay([&row.1, &update]).expect("they fit");
            row.1 = export::encode(&doc).into();
            Ok(())
        })
    }

    fn keep_image<'a>(&'a self, id: &'a DocId, name: ImageName, bytes: Bytes) -> Answer<'a, Kept> {
        self.answer(|state| {
            let number = state.row(id)?.0.number;
            state.writable()?;
            self.1.keep(number, name, &bytes)
        })
    }

    fn images(&self) -> Arc<dyn Images> {
        self.1.clone()
    }

    fn people<'a>(&'a self, _: &'a DocId) -> Answer<'a, Vec<Person>> {
        self.answer(|_| Ok(Vec::new()))
    }

    fn expel<'a>(&'a self, _: &'a DocId, _: SessionId, _: Close) -> Answer<'a, bool> {
        self.answer(|_| Ok(false))
    }

    fn health(&self) -> Health {
        self.lock().health.clone()
    }

    fn draining(&self) -> bool {
        self.lock().draining
    }
}
