//! What a live document does because time passes.

use std::time::{Duration, Instant};

use actix::{AsyncContext, Context};

use super::{Session, Stage, State, now};

/// How often time is told to a state that waits for it.
const TICK: Duration = Duration::from_millis(500);

impl Session {
    /// Set the timers that the state asks for.
    pub(super) fn watch_the_clock(&mut self, ctx: &mut Context<Self>) {
        if !self.ticking && (self.state().wants_tick() || self.remotes.has_laggards()) {
            self.ticking = true;
            ctx.run_later(TICK, Session::tick);
        }
        let moment = now();
        if !self.announcing
            && let Some(at) = self.state().announces_at(moment)
        {
            self.announcing = true;
            ctx.run_later(at.saturating_duration_since(moment.at), Session::announce);
        }
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        self.ticking = false;
        self.remotes.close_stalled(Instant::now());
        if let Stage::Live(state) = &self.stage {
            let heavy = state.tick_is_heavy(now());
            let tick = |state: &mut State| state.tick(now());
            self.with_state(heavy, ctx, tick, |session, effects, _| session.perform(effects));
        }
        self.run(ctx);
    }

    fn announce(&mut self, ctx: &mut Context<Self>) {
        self.announcing = false;
        if let Stage::Live(state) = &mut self.stage {
            let effects = state.announce(now());
            self.perform(effects);
        }
        self.run(ctx);
    }
}
