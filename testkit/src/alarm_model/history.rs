//! The states of an alarm over time.

/// State of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// `OK`.
    Ok,
    /// `ALARM`.
    Alarm,
    /// `INSUFFICIENT_DATA`, in which an alarm begins.
    InsufficientData,
}

/// What an alarm did while it was watched.
#[derive(Debug, Clone)]
pub struct History {
    from: i64,
    until: i64,
    changes: Vec<(i64, State)>,
}

impl History {
    pub(super) fn new(from: i64, until: i64) -> Self {
        Self { from, until, changes: Vec::new() }
    }

    pub(super) fn last(&self) -> State {
        self.changes.last().map_or(State::InsufficientData, |(_, state)| *state)
    }

    pub(super) fn enter(&mut self, at: i64, state: State) {
        if state != self.last() {
            self.changes.push((at, state));
        }
    }

    /// The changes of state, each with its time. An alarm acts on these alone.
    pub fn changes(&self) -> &[(i64, State)] {
        &self.changes
    }

    /// The times at which it went to `ALARM`: so often somebody is told.
    pub fn rings(&self) -> Vec<i64> {
        self.entered(State::Alarm)
    }

    /// The times at which it went to this state.
    pub fn entered(&self, state: State) -> Vec<i64> {
        self.changes.iter().filter(|(_, to)| *to == state).map(|(at, _)| *at).collect()
    }

    /// The state at a time.
    ///
    /// # Panics
    ///
    /// If nobody watched at that time: an assertion on it would say nothing.
    pub fn state_at(&self, time: i64) -> State {
        assert!((self.from..=self.until).contains(&time), "{time} is outside {}..={}", self.from, self.until);
        let before = self.changes.iter().rev().find(|(at, _)| *at <= time);
        before.map_or(State::InsufficientData, |(_, state)| *state)
    }
}
