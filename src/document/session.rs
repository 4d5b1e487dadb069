//! The actor of one live document. It performs what [`State`] decides and holds no opinion of its own.
//!
//! Commands queue here; a run takes them in order, updates in batches. Work on a large document is done on the blocking pool: the
//! state is lent there, and until it is back only this document waits.

mod clock;
mod saving;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::checkpoint::Checkpoints;
use super::durability::Durability;
use super::event::{Effect, Now};
use super::handle::{Command, ContributionError};
use super::heavy;
use super::registry::{DocumentError, Options, Registration};
use super::remotes::Remotes;
use super::replica::ApplyError;
use super::space::Space;
use super::state::{ContributeError, State};
use crate::ids::{DocId, Seq};
use crate::limits;
use crate::metrics;
use crate::protocol::close::Close;
use crate::protocol::{Message, Role, message};
use crate::store::{Store, StoreError};

/// How long a document that could not be opened says why before it may be tried again.
const REMEMBER_FAILURE: Duration = Duration::from_secs(2);

/// A live document.
pub(super) struct Session {
    id: DocId,
    options: Options,
    store: Arc<dyn Store>,
    /// Removes the document from the registry when the actor goes, however it goes.
    registration: Registration,
    stage: Stage,
    commands: VecDeque<Command>,
    /// Whether a run is on its way.
    scheduled: bool,
    ticking: bool,
    /// Whether a moment is set at which everybody hears of changes of presence.
    announcing: bool,
    remotes: Remotes,
    durability: Arc<Durability>,
    /// Contributions that wait to become durable.
    contributions: VecDeque<(Seq, oneshot::Sender<Result<(), ContributionError>>)>,
    checkpoints: Checkpoints,
    /// Whoever waits for this document to be saved and gone.
    draining: Option<oneshot::Sender<()>>,
    /// When anybody last wanted anything, and whether a timer is set to look at that.
    last_used: Instant,
    retiring: bool,
}

enum Stage {
    /// On the blocking pool: being loaded, or at heavy work. The mailbox waits.
    Away,
    Live(Box<State>),
    /// It could not be opened, and this is what everybody is told.
    Failed(Close),
    /// Put away. Whoever comes now is told to open it again.
    Stopped,
}

impl Session {
    pub(super) fn new(
        id: DocId,
        options: Options,
        store: Arc<dyn Store>,
        registration: Registration,
    ) -> Session {
        Session {
            id,
            options,
            store,
            registration,
            stage: Stage::Away,
            commands: VecDeque::new(),
            scheduled: false,
            ticking: false,
            announcing: false,
            remotes: Remotes::default(),
            durability: Arc::default(),
            contributions: VecDeque::new(),
            checkpoints: Checkpoints::default(),
            draining: None,
            last_used: Instant::now(),
            retiring: false,
        }
    }

    /// Work through the queue until it is empty or the state is lent out.
    fn run(&mut self, ctx: &mut Context<Self>) {
        self.scheduled = false;
        if !self.commands.is_empty() {
            self.last_used = Instant::now();
        }
        loop {
            match &self.stage {
                Stage::Away => return,
                Stage::Failed(close) => {
                    let close = close.clone();
                    self.commands.drain(..).for_each(|command| turn_away(command, &close));
                    return;
                }
                Stage::Stopped => return self.commands.clear(),
                Stage::Live(_) => {}
            }
            self.note_durability(ctx);
            if !matches!(self.stage, Stage::Live(_)) {
                continue; // lent out for a checkpoint
            }
            match self.commands.front() {
                None => {
                    if self.knows_durability() {
                        break;
                    }
                }
                Some(Command::Deliver { .. }) => self.deliver(ctx),
                Some(_) => {
                    let command = self.commands.pop_front().expect("the front was just seen");
                    self.obey(command, ctx);
                }
            }
        }
        self.settle(ctx);
    }

    /// Hand the state as many waiting messages as one transaction should carry. Who asks for the state of the document is answered
    /// before the next of them, so that nothing has to be applied in between.
    fn deliver(&mut self, ctx: &mut Context<Self>) {
        let mut batch = Vec::new();
        while let Some(Command::Deliver { messages, .. }) = self.commands.front()
            && (batch.is_empty()
                || batch.len() + messages.len() <= limits::BATCH_UPDATES
                    && !matches!(messages[..], [Message::SyncStep1(_), ..]))
            && let Some(Command::Deliver { from, messages, permit }) = self.commands.pop_front()
        {
            let updates = messages.iter().filter(|message| message.carries_update()).count();
            self.remotes.keep(from, updates, permit);
            batch.extend(messages.into_iter().map(|message| (from, message)));
        }
        let heavy = self.state().is_heavy(&batch, now());
        let receive = move |state: &mut State| {
            let round = state.judge(batch, now())?;
            // What is dear only to apply is known now.
            if heavy || !state.finish_is_heavy() { state.finish(round).map(Ok) } else { Ok(Err(round)) }
        };
        self.with_state(heavy, ctx, receive, |session, received, ctx| match received {
            Ok(effects) => session.perform(effects),
            Err(round) => session.with_state(
                true,
                ctx,
                |state| state.finish(round),
                |session, effects, _| session.perform(effects),
            ),
        });
    }

    fn obey(&mut self, command: Command, ctx: &mut Context<Self>) {
        match command {
            Command::Attach { mut arrival, outlet, reply } => {
                arrival.role = self.at_most(arrival.role);
                let full = self.remotes.len() >= self.options.connections_per_document;
                if full || self.draining.is_some() {
                    let close = if full { self.options.full() } else { Registration::restarting() };
                    let _ = reply.send(Err(close));
                    return;
                }
                self.remotes.insert(arrival.connection, outlet.open());
                let epoch = self.state().entry().epoch.clone();
                if reply.send(Ok(epoch)).is_err() {
                    self.remotes.remove(arrival.connection);
                    return; // it left before it was let in
                }
                let effects = self.state().attach(arrival);
                self.perform(effects);
            }
            Command::Detach(connection) => {
                self.remotes.remove(connection);
                let effects = self.state().detach(connection, now());
                self.perform(effects);
            }
            Command::Appoint { connection, role } => {
                let role = self.at_most(role);
                let effects = self.state().appoint(connection, role);
                self.perform(effects);
            }
            Command::Alive(connection) => self.state().alive(connection),
            Command::CaughtUp(connection) => {
                if let Some(has) = self.remotes.caught_up(connection) {
                    let heavy = self.state().diff_is_heavy(&has);
                    self.with_state(
                        heavy,
                        ctx,
                        move |state| state.catch_up(&has),
                        move |session, frames, _| {
                            frames.into_iter().for_each(|frame| session.remotes.answer(connection, frame));
                        },
                    );
                }
            }
            Command::Contribute { reply, .. } if self.registration.is_quarantined() => {
                let _ = reply.send(Err(ContributionError::Quarantined));
            }
            Command::Contribute { author, update, reply } => {
                // Whoever can be told that it is not saved is told before anything is changed.
                if let Some(error) = self.durability.failure() {
                    let _ = reply.send(Err(error.into()));
                    return;
                }
                // Elsewhere, for what it takes shows only while it is done, and it comes seldom.
                self.with_state(
                    true,
                    ctx,
                    move |state| Ok(state.contribute(author, &update, now())),
                    |session, contributed, ctx| match contributed {
                        Ok((seq, effects)) => {
                            session.contributions.push_back((seq, reply));
                            session.perform(effects);
                        }
                        Err(error) => {
                            if let ContributeError::Apply(error) = &error {
                                session.distrust(&error.to_string(), ctx);
                            }
                            let _ = reply.send(Err(error.into()));
                        }
                    },
                );
            }
            Command::People { reply } => drop(reply.send(self.state().people())),
            Command::Expel { session, close, reply } => {
                let effects = self.state().expel(&session, &close);
                let _ = reply.send(!effects.is_empty());
                self.perform(effects);
            }
            Command::Export { reply } => {
                let heavy = self.state().snapshot_is_heavy();
                self.with_state(
                    heavy,
                    ctx,
                    |state| Ok((state.entry().clone(), state.snapshot()?)),
                    |_, exported, _| drop(reply.send(Ok(exported))),
                );
            }
            Command::Renamed(entry) => self.state().set_entry(entry),
            Command::Discard(close) => {
                let effects = self.state().close_all(&close);
                self.perform(effects);
                self.stop(ctx);
            }
            Command::Drain { close, reply } => {
                let effects = self.state().close_all(&close);
                self.perform(effects);
                self.draining = Some(reply);
            }
            Command::Wake | Command::Deliver { .. } => {}
        }
    }

    /// A role as far as the document lets anybody have it at present.
    fn at_most(&self, role: Role) -> Role {
        if self.registration.is_quarantined() { role.min(Role::Viewer) } else { role }
    }

    /// Do what the state decided.
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { to, frame } => self.remotes.answer(to, frame),
                Effect::Sync { to, update } => self.remotes.sync(to, update),
                Effect::Push { to, frame } => self.remotes.push(to, frame),
                Effect::Broadcast { except, frame } => self.remotes.broadcast(&except, frame),
                Effect::Saved { to, n, tell } => {
                    self.remotes.release(to, n);
                    if tell {
                        self.remotes.answer(to, message::saved(n));
                    }
                }
                Effect::Append { first, changes } => {
                    metrics::UPDATES.add(changes.len() as u64);
                    self.checkpoints.grew(&changes);
                    self.journal(first, changes);
                }
                Effect::Filled { full: true, bytes } => {
                    metrics::FILLED.add(1);
                    let limit = self.options.document_bytes;
                    tracing::warn!(document = %self.id, bytes, limit, "the document is full; its editors may only delete");
                }
                Effect::Filled { full: false, bytes } => {
                    tracing::info!(document = %self.id, bytes, "the document is full no more");
                }
                Effect::Probe(connection) => self.remotes.probe(connection),
                Effect::Close { connection, close } => self.remotes.close(connection, close),
            }
        }
        if self.remotes.has_new_laggards() {
            // All effects of the round are performed, so a laggard's queue ends with what the state has now.
            let has = self.state().state_vector();
            self.remotes.mark_laggards(&has, Instant::now());
        }
    }

    /// A quiet moment: see to the clock, and to whoever waits for the end.
    fn settle(&mut self, ctx: &mut Context<Self>) {
        if !matches!(self.stage, Stage::Live(_)) {
            return;
        }
        self.watch_the_clock(ctx);
        self.retire_when_idle(ctx);
        if self.draining.is_some() {
            let state = self.state();
            if state.accepted() == state.durable() || self.durability.failure().is_some() {
                self.save_and_stop(ctx);
            }
        }
    }

    /// The copy in memory cannot be trusted: everybody goes, and the next opening reads from disk.
    fn distrust(&mut self, error: &str, ctx: &mut Context<Self>) {
        self.registration.note_crash();
        tracing::error!(document = %self.id, error, "the document is closed and will be read from disk again");
        self.remotes.clear(); // an outbox that is dropped closes its connection with 1011
        self.stop(ctx);
    }

    fn stop(&mut self, ctx: &mut Context<Self>) {
        self.registration.end();
        if let Some(reply) = self.draining.take() {
            let _ = reply.send(());
        }
        failpoint!("retire-ended");
        self.stage = Stage::Stopped;
        self.commands.clear(); // a lost reply says that the document stopped
        ctx.stop();
    }

    /// Work with the state here, or, when it is heavy, elsewhere, while this document's mailbox waits. After an error the document is
    /// closed.
    fn with_state<R: Send + 'static>(
        &mut self,
        heavy: bool,
        ctx: &mut Context<Self>,
        work: impl FnOnce(&mut State) -> Result<R, ApplyError> + Send + 'static,
        then: impl FnOnce(&mut Session, R, &mut Context<Self>) + 'static,
    ) {
        if !heavy {
            return match work(self.state()) {
                Ok(result) => then(self, result, ctx),
                Err(error) => self.distrust(&error.to_string(), ctx),
            };
        }
        let Stage::Live(mut state) = std::mem::replace(&mut self.stage, Stage::Away) else {
            unreachable!("only a live document is worked with");
        };
        let lent = heavy::heavy(move || {
            let result = work(&mut state);
            (state, result)
        });
        ctx.wait(lent.into_actor(self).map(|returned, session, ctx| match returned {
            Ok((state, Ok(result))) => {
                session.stage = Stage::Live(state);
                then(session, result, ctx);
                session.run(ctx);
            }
            Ok((_, Err(error))) => session.distrust(&error.to_string(), ctx),
            Err(panic) => session.distrust(&panic.to_string(), ctx),
        }));
    }

    fn state(&mut self) -> &mut State {
        match &mut self.stage {
            Stage::Live(state) => state,
            Stage::Away | Stage::Failed(_) | Stage::Stopped => {
                unreachable!("commands wait until the document is live")
            }
        }
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    /// Load the document; the mailbox waits meanwhile.
    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(limits::MAILBOX);
        self.durability.wake_through(ctx.address());
        let (store, id, kind) = (self.store.clone(), self.id.clone(), self.options.created_kind);
        let space = Space::new(self.options.document_bytes, self.options.message_bytes);
        let loaded = spawn_blocking(move || -> Result<State, DocumentError> {
            let entry = match store.find(&id)? {
                Some(entry) => match DocumentError::of_absent(&entry) {
                    Some(absent) => return Err(absent),
                    None => entry,
                },
                None => match kind {
                    Some(kind) => store.create(&id, kind, "", false)?.0,
                    None => return Err(StoreError::Unknown(id).into()),
                },
            };
            let stored = store.load(entry.number)?;
            Ok(State::load(entry, &stored, space)?)
        });
        ctx.wait(loaded.into_actor(self).map(|loaded, session, ctx| {
            let failure = match loaded {
                Ok(Ok(state)) => {
                    session.checkpoints.written(Some(state.accepted()));
                    session.stage = Stage::Live(Box::new(state));
                    return session.run(ctx);
                }
                Ok(Err(error)) => error,
                Err(panic) => DocumentError::Panicked(panic.to_string()),
            };
            tracing::warn!(document = %session.id, error = %failure, "the document could not be opened");
            metrics::FAILED_LOADS.add(1);
            session.stage = Stage::Failed(failure.close());
            session.registration.end();
            ctx.run_later(REMEMBER_FAILURE, |_, ctx| ctx.stop());
            session.run(ctx);
        }));
    }
}

impl Handler<Command> for Session {
    type Result = ();

    /// Queue the command; the run comes once the mailbox has been emptied, so that what arrives together is handled together.
    fn handle(&mut self, command: Command, ctx: &mut Context<Self>) {
        self.commands.push_back(command);
        if self.commands.len() >= limits::BATCH_UPDATES {
            self.run(ctx);
        } else if !self.scheduled {
            self.scheduled = true;
            ctx.spawn(actix::fut::ready(()).map(|(), session: &mut Session, ctx| session.run(ctx)));
        }
    }
}

/// Answer a command of a document that could not be opened.
fn turn_away(command: Command, close: &Close) {
    match command {
        Command::Attach { reply, .. } => drop(reply.send(Err(close.clone()))),
        Command::Export { reply } => drop(reply.send(Err(close.clone()))),
        // The others lose their reply, which says that the document stopped.
        _ => {}
    }
}

fn now() -> Now {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { at: Instant::now(), wall_ms: since_1970.as_millis() as u64 }
}
