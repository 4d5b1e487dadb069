//! From memory to snapshots, and from live to put away.

use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::task::spawn_blocking;

use super::{Session, Stage};
use crate::document::durability::Writing;
use crate::document::state::State;
use crate::ids::Seq;
use crate::metrics;
use crate::store::{Append, Change, StoreError};

/// Even a document that is to go at once is not asked about it in a circle.
const SHORTEST_IDLE: Duration = Duration::from_millis(10);

impl Session {
    /// Give changes to the store. While it takes none they stay in the state, and are given to it when it has recovered.
    pub(super) fn journal(&mut self, first: Seq, changes: Vec<Change>) {
        let Writing::Fine = self.durability.writing() else { return };
        let awaited = self.is_awaited();
        self.durability.set_awaited(awaited);
        let (listener, document) = (self.durability.clone(), self.state().entry().number);
        if let Err(error) = self.store.append(Append { document, first, changes, listener }) {
            self.durability.note_refusal(&error);
        }
    }

    /// Learn from the journal's thread what has become durable, and acknowledge it.
    pub(super) fn note_durability(&mut self, ctx: &mut Context<Self>) {
        // Asked first: when the store has recovered, nothing is on its way to it that could move the sequence any more.
        let writing = self.durability.writing();
        let durable = self.durability.durable();
        let advanced = durable > self.state().durable();
        if advanced {
            let effects = self.state().saved(durable);
            self.perform(effects);
        }
        while let Some((_, reply)) = self.contributions.pop_front_if(|(seq, _)| *seq <= durable) {
            let _ = reply.send(Ok(()));
        }
        match writing {
            Writing::Fine => {}
            Writing::Failed(error) => {
                failpoint!("document-stranded");
                let effects = self.state().set_storage_problem(Some(error.to_string()));
                self.perform(effects);
                for (_, reply) in self.contributions.drain(..) {
                    let _ = reply.send(Err(error.clone().into()));
                }
            }
            Writing::Recovered => {
                self.durability.resume();
                let (first, changes) = self.state().unsaved();
                if !changes.is_empty() {
                    self.journal(first, changes);
                }
                failpoint!("document-refilled");
                let effects = self.state().set_storage_problem(None);
                self.perform(effects);
            }
        }
        if advanced {
            self.checkpoint_if_due(ctx);
        }
    }

    /// Decide whether to be woken when more is durable. False if more is meanwhile.
    pub(super) fn knows_durability(&mut self) -> bool {
        let size = self.state().size();
        let awaited = self.is_awaited()
            || self.checkpoints.is_waiting()
            || self.checkpoints.is_due(size, &self.options);
        self.durability.set_awaited(awaited);
        !awaited || self.durability.durable() <= self.state().durable()
    }

    /// Whether somebody waits for what has been accepted to become durable.
    fn is_awaited(&mut self) -> bool {
        self.state().awaits_durability()
            || self.remotes.have_much_unsaved()
            || self.remotes.is_empty()
            || !self.contributions.is_empty()
            || self.draining.is_some()
    }

    /// Write a snapshot when enough has changed since the last one. It waits until all it contains is durable.
    pub(super) fn checkpoint_if_due(&mut self, ctx: &mut Context<Self>) {
        let (accepted, durable, size) =
            (self.state().accepted(), self.state().durable(), self.state().size());
        if self.checkpoints.is_due(size, &self.options) {
            let heavy = self.state().snapshot_is_heavy();
            self.checkpoints.taken();
            self.with_state(heavy, ctx, State::snapshot, move |session, snapshot, ctx| {
                session.checkpoints.wait_for(accepted, snapshot);
                session.checkpoint_if_due(ctx);
            });
        } else if let Some((seq, snapshot)) = self.checkpoints.ready(durable) {
            let (store, number) = (self.store.clone(), self.state().entry().number);
            let written = spawn_blocking(move || store.checkpoint(number, seq, snapshot));
            ctx.spawn(written.into_actor(self).map(move |written, session, ctx| {
                session.note_checkpoint(seq, written.unwrap_or(Err(StoreError::Closed)));
                session.run(ctx);
            }));
        }
    }

    fn note_checkpoint(&mut self, seq: Seq, written: Result<(), StoreError>) {
        match &written {
            Ok(()) => metrics::CHECKPOINTS.add(1),
            Err(error) => {
                tracing::warn!(document = %self.id, %error, "checkpoint failed; the journal keeps everything");
            }
        }
        self.checkpoints.written(written.is_ok().then_some(seq));
    }

    /// Put the document away once nobody has wanted anything of it for a while.
    pub(super) fn retire_when_idle(&mut self, ctx: &mut Context<Self>) {
        if self.retiring || !self.remotes.is_empty() {
            return;
        }
        self.retiring = true;
        ctx.run_later(self.options.idle_for.max(SHORTEST_IDLE), |session, ctx| {
            session.retiring = false;
            let Stage::Live(state) = &session.stage else { return };
            // What is only in memory stays there until it is on disk.
            let complete = state.accepted() == state.durable();
            let unused = session.last_used.elapsed() >= session.options.idle_for;
            if complete && unused && session.is_deserted() && session.draining.is_none() {
                session.save_and_stop(ctx);
            } else {
                session.retire_when_idle(ctx);
            }
        });
    }

    /// Checkpoint if there is anything new, and stop unless somebody came in the meantime.
    pub(super) fn save_and_stop(&mut self, ctx: &mut Context<Self>) {
        failpoint!("retire-begun");
        let state = self.state();
        let (seq, number) = (state.accepted(), state.entry().number);
        let complete = seq == state.durable();
        if complete && self.checkpoints.last_written() < seq {
            let store = self.store.clone();
            let write = move |state: &mut State| Ok(store.checkpoint(number, seq, state.snapshot()?));
            self.with_state(true, ctx, write, move |session, written, ctx| {
                session.note_checkpoint(seq, written);
                failpoint!("retire-written");
                if session.draining.is_some() || session.is_deserted() {
                    session.stop(ctx);
                }
            });
        } else {
            self.stop(ctx);
        }
    }

    fn is_deserted(&self) -> bool {
        self.remotes.is_empty() && self.commands.is_empty()
    }
}
