//! Who may do what, while the server runs: the directory with its disk, its clock, its random bytes and its passwords.
//!
//! [`crate::auth`] decides; here is what deciding needs. Everything that changes who may do what goes through [`Access::perform`],
//! which answers once it is durable, and everybody who was let in before hears of it through [`Access::changes`].

mod credentials;
mod error;
mod keys;
mod passwords;
mod setup;
mod sign_in;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::watch;

use crate::auth::jwt::{TokenError, Verifier};
use crate::auth::secret::{Bearer, TOKEN_BYTES};
use crate::auth::{
    Ask, Attempts, Command, Denied, Directory, DisplayName, Granted, Identity, Key, Mode, Needs, Presented,
    Record, Target, Token, decide,
};
use crate::store::{Fact, Store, StoreError};

pub use credentials::{Bearing, Credentials, link};
pub use error::AccessError;
pub use keys::{KeysError, Source};
use passwords::Passwords;
pub use sign_in::Enrolment;

/// Clones share everything.
#[derive(Clone)]
pub struct Access(Arc<Shared>);

struct Shared {
    mode: Mode,
    directory: RwLock<Directory>,
    /// One command after the other: each is judged by what the ones before it left.
    turn: tokio::sync::Mutex<()>,
    store: Option<Arc<dyn Store>>,
    /// How often the directory has changed.
    changed: watch::Sender<u64>,
    verifier: RwLock<Option<Arc<Verifier>>>,
    /// For keys that come from somewhere.
    hurry: Mutex<Option<keys::Hurry>>,
    passwords: Passwords,
    attempts: Mutex<Tries>,
    setup: setup::Setup,
}

/// Failed passwords, by where they come from and by what they are for.
#[derive(Default)]
struct Tries {
    from: Attempts<IpAddr>,
    at: Attempts<String>,
}

/// Who asks, as far as what they bring says so.
#[derive(Debug, Clone)]
pub struct Caller {
    pub identity: Identity,
    pub link: Option<Presented>,
    /// Why something that they brought counts for nothing.
    pub stale: Option<Denied>,
}

impl Access {
    /// Everybody is an editor, and nothing is kept of anybody.
    pub fn open() -> Access {
        Access::new(Mode::Open, Directory::default(), None)
    }

    /// Read the directory from the store. Blocking.
    pub fn load(mode: Mode, store: Arc<dyn Store>) -> Result<Access, AccessError> {
        let mut directory = Directory::default();
        for fact in store.facts()? {
            let Some(value) = fact.value else { continue };
            let record =
                Record::from_json(&value).map_err(|error| StoreError::Damaged(error.to_string().into()))?;
            directory.apply(record);
        }
        Ok(Access::new(mode, directory, Some(store)))
    }

    fn new(mode: Mode, directory: Directory, store: Option<Arc<dyn Store>>) -> Access {
        let setup = setup::Setup::new(mode == Mode::Accounts && directory.is_empty());
        Access(Arc::new(Shared {
            mode,
            directory: RwLock::new(directory),
            turn: tokio::sync::Mutex::default(),
            store,
            changed: watch::Sender::new(0),
            verifier: RwLock::default(),
            hurry: Mutex::default(),
            passwords: Passwords::default(),
            attempts: Mutex::default(),
            setup,
        }))
    }

    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// Tokens of the embedding application are checked with this from now on.
    pub fn trust(&self, verifier: Verifier) {
        *self.0.verifier.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(verifier));
    }

    /// Look something up in the directory. It is locked meanwhile: be quick.
    pub fn look<T>(&self, at: impl FnOnce(&Directory) -> T) -> T {
        at(&self.0.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Wakes whenever somebody may have gained or lost something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// Who brings these credentials. `guest` is the name that a guest goes by.
    pub fn identify(&self, credentials: &Credentials, guest: DisplayName) -> Caller {
        let link = credentials.link.clone();
        let known = match self.0.mode {
            Mode::Open => {
                return Caller { identity: Identity::Guest { name: guest }, link: None, stale: None };
            }
            Mode::Accounts => credentials.login.as_ref().map(|token| self.of_login(token)),
            Mode::Jwt => credentials.jwt.as_ref().map(|token| self.of_jwt(token.reveal())),
        };
        match known {
            Some(Ok(identity)) => Caller { identity, link, stale: None },
            Some(Err(denied)) => {
                Caller { identity: Identity::Guest { name: guest }, link, stale: Some(denied) }
            }
            None => Caller { identity: Identity::Guest { name: guest }, link, stale: None },
        }
    }

    fn of_login(&self, token: &Token<crate::ids::LoginId>) -> Result<Identity, Denied> {
        let now_ms = now_ms();
        let (identity, seen) = self.look(|directory| {
            let identity = directory.identify(token, now_ms);
            let seen = identity.is_ok()
                && directory
                    .judge(Command::Seen(token.id()), now_ms)
                    .is_ok_and(|records| !records.is_empty());
            (identity, seen)
        });
        if seen {
            let (access, login) = (self.clone(), token.id());
            // That it was used is worth no wait, and no error.
            tokio::spawn(async move { access.perform(Command::Seen(login)).await });
        }
        identity
    }

    fn of_jwt(&self, token: &str) -> Result<Identity, Denied> {
        let verifier = self.0.verifier.read().unwrap_or_else(PoisonError::into_inner).clone();
        let verifier = verifier.ok_or(Denied::Unauthenticated)?;
        match verifier.verify(token, now_ms()) {
            Ok(claims) => Ok(Identity::Subject(Arc::new(claims))),
            Err(TokenError::Expired) => Err(Denied::Expired),
            Err(error) => {
                tracing::info!(%error, "a token was not believed");
                if error == TokenError::UnknownKey {
                    self.hurry_keys();
                }
                Err(Denied::Unauthenticated)
            }
        }
    }

    /// Whether this may be done, and as what.
    pub fn decide(
        &self,
        needs: Needs,
        caller: &Caller,
        document: Option<Target<'_>>,
    ) -> Result<Granted, Denied> {
        let Caller { identity, link, stale } = caller;
        let ask = Ask { needs, identity, link: link.as_ref(), document, now_ms: now_ms() };
        let decided = self.look(|directory| decide(self.0.mode, directory, &ask));
        // What was right once says more than that nothing was brought.
        decided.map_err(|denied| stale.map_or(denied, |stale| stale.max(denied)))
    }

    /// Do what was decided before. Answers once it is durable and counts for everybody; an error means that nothing has changed.
    pub async fn perform(&self, command: Command) -> Result<(), AccessError> {
        let access = self.clone();
        // By itself: whoever asked may go away in between, and what is durable has to count.
        let done = tokio::spawn(async move { access.perform_in_turn(command).await });
        done.await.map_err(|panic| AccessError::Internal(panic.to_string()))?
    }

    async fn perform_in_turn(&self, command: Command) -> Result<(), AccessError> {
        let _turn = self.0.turn.lock().await;
        let records = self.look(|directory| directory.judge(command, now_ms()))?;
        if records.is_empty() {
            return Ok(());
        }
        if let Some(store) = &self.0.store {
            let receipt = store.note(records.iter().map(fact).collect())?;
            receipt.await.unwrap_or(Err(StoreError::Closed))?;
        }
        let concerns_others = records.iter().any(takes_something);
        {
            let mut directory = self.0.directory.write().unwrap_or_else(PoisonError::into_inner);
            records.into_iter().for_each(|record| directory.apply(record));
        }
        if concerns_others {
            self.0.changed.send_modify(|times| *times += 1);
        }
        Ok(())
    }

    /// Count an attempt at a password: too many, and the next has to wait.
    fn attempt(&self, from: IpAddr, at: &str) -> Result<(), AccessError> {
        let now = Instant::now();
        let mut tries = self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        tries.from.begin(crate::auth::neighbourhood(from), now).map_err(AccessError::TooManyAttempts)?;
        tries.at.begin(at.to_owned(), now).map_err(AccessError::TooManyAttempts)
    }

    fn succeeded(&self, from: IpAddr, at: &str) {
        let mut tries = self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        tries.from.succeeded(&crate::auth::neighbourhood(from));
        tries.at.succeeded(&at.to_owned());
    }
}

/// Whether somebody who was let in before may stand differently after this. Who signs in or is invited takes nothing from anybody.
fn takes_something(record: &Record) -> bool {
    !matches!(record, Record::Login(_) | Record::Invitation(_) | Record::Gone(Key::Invitation(_)))
}

/// A record as the store keeps it.
pub fn fact(record: &Record) -> Fact {
    let key = serde_json::to_vec(&record.key()).expect("a key has only string keys");
    let value = (!record.is_gone()).then(|| Bytes::from(record.to_json()));
    Fact { key: key.into(), value }
}

/// A token that nobody had before.
pub fn fresh<I: Bearer>() -> Token<I> {
    Token::from_random(random::<TOKEN_BYTES>())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since_1970.as_millis() as u64
}
