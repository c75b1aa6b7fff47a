//! The simulated world when its schedule decides: what could happen next, and what one decision makes happen.
//!
//! The default schedule never comes here. For the others, a poll asks again and again what comes next, and delivers one event at a time:
//! whether a second job is done in time for the same poll is decided only after the callback of the first has run, when it is
//! known whether anything could come between the two. Ways are ordered so that way 0 is what the default schedule does.
//!
//! What a machine may do is bounded by the *slack* of the [`Exploration`]: the time that, in all of a run, it may be away beyond what the
//! model says. Within it timers may become due at any reading of the clock, waits may end before jobs are done, jobs may be late. A job may always be
//! early. Without a bound every timer could overtake every other one, and no expectation would stand.
//!
//! Three reductions leave out schedules whose traces others show too; [`Exploration::reduced`] turns them off, for tests that compare:
//!
//! * *Lazy batching.* Where nothing could run between this poll and the next one, ending this one is no choice. And time passes only just as
//!   far as a timer could notice it.
//! * *Invisible hops.* A job whose completion runs nothing of the program is done at once, unless the pool is full and its place matters.
//! * *Symmetric jobs.* Of jobs that the program cannot tell apart, the first submitted is done first.

use std::collections::{BTreeSet, HashMap};
use std::sync::MutexGuard;

use super::{MILLISECOND, Running, Simulated, State, Status};
use crate::host::sockets::SocketId;
use crate::host::sockets::loopback::Name;
use crate::host::{Event, HostEnd, JobId, Patience, Reading};
use crate::schedule::Point;

/// How a world is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exploration {
    /// Nanoseconds that the machine may be away in all of a run, beyond what the model says.
    pub slack: u64,
    /// Whether schedules are left out whose traces others show.
    pub reduced: bool,
}

impl Default for Exploration {
    /// With the reductions; and 20 ms, since no expectation may rest on a smaller margin between timers.
    fn default() -> Self {
        Self { slack: 20 * MILLISECOND, reduced: true }
    }
}

/// What a world keeps for its exploration.
#[derive(Debug)]
pub(super) struct Explored {
    /// What is left of the slack.
    slack: u64,
    reduced: bool,
    /// Jobs whose completion runs nothing of the program.
    hidden: BTreeSet<(usize, JobId)>,
    /// Jobs that the program cannot tell apart, by what they have in common.
    alike: HashMap<(usize, JobId), u64>,
    /// Whether jobs are done as soon as a poll can ask for them, once the schedule was asked. A pool that is always fast is one decision, not
    /// one a poll.
    at_once: Option<bool>,
}

impl Explored {
    pub(super) fn new(exploration: Exploration) -> Self {
        Self {
            slack: exploration.slack,
            reduced: exploration.reduced,
            hidden: BTreeSet::new(),
            alike: HashMap::new(),
            at_once: None,
        }
    }
}

/// A loop's last poll.
#[derive(Debug, Default)]
pub(super) struct LastPoll {
    /// Jobs submitted before it; only they can be done in its batch.
    jobs: u64,
    /// When it began to deliver.
    at: u64,
    /// How many of the ready events, from the front, were there then and are not delivered yet. What comes later is for the next poll, unless
    /// the schedule has it come in time for this one.
    owed: usize,
    /// It was given the turn so that something happens to it.
    pub(super) chosen: bool,
}

/// Something that could come next for one loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happening {
    /// The event at this place among the ready ones is delivered.
    Ready(usize),
    /// The running job of this number is done.
    Job(JobId),
    /// This socket is reported.
    Socket(Name),
    /// The poll delivers nothing more.
    Nothing,
    /// The wait ends.
    Expire(u64),
    /// Another loop runs first.
    Turn(usize),
}

/// Orders ways as the default schedule would take them: a rank, a time, and two tie-breakers.
type Key = (u8, u64, u8, u64);

/// For what a loop has come to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// A poll that does not wait. `yielded`: others have had their turn already.
    Instant { yielded: bool },
    /// A poll that lasts until a time, or for ever.
    Poll(Option<u64>),
    /// A wait for shared memory that lasts until a time, or for ever.
    Wait(Option<u64>),
    /// More events for a poll that has delivered one. `between`: something could run before the next poll.
    More { between: bool },
}

impl Simulated {
    /// [`poll`](crate::host::Host::poll), one event at a time.
    pub(super) fn poll_explored(&self, patience: Patience) -> Result<Vec<Event>, HostEnd> {
        let mut state = self.world.lock();
        let now = state.now;
        state.network.register(self.me);
        let (question, until) = match patience {
            Patience::None => (Question::Instant { yielded: false }, Some(now)),
            Patience::For(millis) => (Question::Poll(Some(now + millis * MILLISECOND)), Some(now + millis * MILLISECOND)),
            Patience::Forever => (Question::Poll(None), None),
        };
        let me = &mut state.loops[self.me];
        me.status = Status::Polling(until);
        me.poll.jobs = me.last_job;
        let (mut state, event, _) = self.await_happening(state, question)?;
        let now = state.now;
        let me = &mut state.loops[self.me];
        (me.poll.at, me.poll.owed) = (now, me.ready.len());
        Ok(event.into_iter().collect())
    }

    /// [`wait`](crate::host::Host::wait), once it is known that there is something to wait for; the status that the loop had at last.
    pub(super) fn wait_explored(&self, address: usize, until: Option<u64>) -> Result<Status, HostEnd> {
        let mut state = self.world.lock();
        state.loops[self.me].status = Status::Waiting(address, until);
        let (state, _, status) = self.await_happening(state, Question::Wait(until))?;
        drop(state);
        Ok(status)
    }

    /// [`more`](crate::host::Host::more).
    pub(super) fn more_explored(&self, between: bool, timer: Option<u64>) -> Option<Event> {
        let mut state = self.world.lock();
        let reachable = timer.is_some_and(|timer| timer * MILLISECOND <= state.now + state.explored.slack);
        let between = between || reachable || !state.explored.reduced;
        state.start_queued();
        if let Some(event) = state.hidden_job(self.me) {
            return Some(event);
        }
        let happening = state.decide(self.me, Question::More { between })?;
        state.make_happen(self.me, happening)
    }

    /// Lets the schedule say how much time passes at a reading of the clock; `marks` are the milliseconds at which it would matter.
    pub(super) fn linger_explored(&self, reading: Reading, marks: &[u64]) {
        let mut state = self.world.lock();
        let point = match reading {
            Reading::Program => return,
            Reading::TimerInsertion => Point::TimerInsertion,
            Reading::LoopUpdate => Point::LoopUpdate,
        };
        let now = state.now;
        let last = now + state.explored.slack;
        let times: Vec<u64> = if state.explored.reduced {
            marks.iter().map(|mark| mark * MILLISECOND).filter(|&time| time > now && time <= last).collect()
        } else {
            (now / MILLISECOND + 1..=last / MILLISECOND).map(|mark| mark * MILLISECOND).collect()
        };
        let ways = 1 + u32::try_from(times.len()).unwrap_or(u32::MAX - 1);
        let taken = state.setting.schedule.choose(point, ways, |way| match way {
            0 => "no time passes".to_owned(),
            way => format!("{} ms pass", (times[way as usize - 1] - now).div_ceil(MILLISECOND)),
        });
        if taken > 0 {
            let time = times[taken as usize - 1];
            state.explored.slack -= time - now;
            state.now = time;
        }
    }

    /// Asks how fast the pool is, once in a run.
    pub(super) fn pace_explored(&self) {
        let mut state = self.world.lock();
        if state.explored.at_once.is_none() {
            let names = ["jobs take what they take", "jobs are done at once"];
            let taken = state.setting.schedule.choose(Point::PoolPace, 2, |way| names[way as usize].to_owned());
            state.explored.at_once = Some(taken == 1);
        }
    }

    /// Notes that the completion of a job runs nothing of the program.
    pub(super) fn hide_explored(&self, job: JobId) {
        self.world.lock().explored.hidden.insert((self.me, job));
    }

    /// Notes that the program cannot tell the jobs of one `class` apart.
    pub(super) fn alike_explored(&self, job: JobId, class: u64) {
        self.world.lock().explored.alike.insert((self.me, job), class);
    }

    /// Decides until something happens to this loop. Its status says what it waits for.
    fn await_happening<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        mut question: Question,
    ) -> Result<(MutexGuard<'a, State>, Option<Event>, Status), HostEnd> {
        let result = loop {
            if let Err(end) = state.check_limits(self.me) {
                break Err(end);
            }
            if state.loops[self.me].status == Status::Runnable {
                // Somebody notified it.
                break Ok(None);
            }
            state.reap();
            state.start_queued();
            state.network.gather(self.me);
            if let Some(event) = state.hidden_job(self.me) {
                break Ok(Some(event));
            }
            match state.decide(self.me, question) {
                None => state.stuck = true,
                Some(Happening::Turn(other)) => {
                    state.loops[self.me].poll.chosen = false;
                    state.loops[other].poll.chosen = !state.is_runnable(other);
                    state.current = other;
                    self.world.turn.notify_all();
                    state = self.world.await_turn(state, self.me);
                    if let Question::Instant { yielded } = &mut question {
                        *yielded = true;
                    }
                }
                Some(happening) => break Ok(state.make_happen(self.me, happening)),
            }
        };
        let me = &mut state.loops[self.me];
        me.poll.chosen = false;
        let status = std::mem::replace(&mut me.status, Status::Runnable);
        result.map(|event| (state, event, status))
    }
}

impl State {
    fn start_queued(&mut self) {
        let now = self.now;
        self.start_jobs(now);
    }

    /// The jobs of a loop that are done at some time, and when.
    fn jobs_of(&self, index: usize) -> impl Iterator<Item = (&Running, u64)> {
        self.running.iter().filter(move |job| job.owner == index).filter_map(|job| Some((job, job.finishes_at()?)))
    }

    /// Ends the jobs of loops that are over, so that they do not hold the pool.
    fn reap(&mut self) {
        let orphan =
            |state: &Self| state.running.iter().position(|job| job.finishes_at().is_some() && state.loops[job.owner].is_gone());
        while let Some(index) = orphan(self) {
            let at = self.now;
            drop(self.finish(index, at));
        }
    }

    /// The next completion that nobody sees, if there is one and its order does not matter.
    fn hidden_job(&mut self, me: usize) -> Option<Event> {
        if !self.explored.reduced || !self.queue.is_empty() || self.running.len() >= self.setting.pool_size {
            return None;
        }
        let before = self.loops[me].poll.jobs;
        let index = self.running.iter().position(|job| {
            job.owner == me && job.job.0 <= before && job.finishes_at().is_some() && self.explored.hidden.contains(&(me, job.job))
        })?;
        let at = self.now;
        Some(self.finish(index, at))
    }

    /// What could come next for `me`, the default schedule's own way first.
    fn ways(&self, me: usize, question: Question) -> Vec<(Key, Happening)> {
        let mut ways = Vec::new();
        match question {
            Question::Instant { .. } | Question::Poll(_) => {
                // What has reached a loop is delivered by its next poll; there is no waiting any more.
                let owed = self.ready_ways(me, self.loops[me].ready.len(), &mut ways);
                let owed = !self.socket_ways(me, &mut ways) || owed;
                self.job_ways(me, self.now, &mut ways);
                match question {
                    Question::Instant { .. } if !owed && self.may_be_late(me) => ways.push(((2, 0, 0, 0), Happening::Nothing)),
                    Question::Poll(Some(until)) if !owed => self.expire_way(until, &mut ways),
                    _ => {}
                }
            }
            Question::Wait(until) => {
                if let Some(until) = until {
                    self.expire_way(until, &mut ways);
                }
            }
            Question::More { between } => {
                let owed = self.ready_ways(me, self.loops[me].poll.owed, &mut ways);
                let owed = !self.socket_ways(me, &mut ways) || owed;
                if owed || between {
                    self.job_ways(me, self.loops[me].poll.at, &mut ways);
                }
                if !owed && between {
                    ways.push(((2, 0, 0, 0), Happening::Nothing));
                }
            }
        }
        if !matches!(question, Question::More { .. }) && !self.loops[me].poll.chosen {
            self.turn_ways(me, question, &mut ways);
        }
        ways.sort_by_key(|&(key, _)| key);
        ways
    }

    /// The first ready event of each source; whether one of them is among the first `owed`, which the poll delivers whatever the schedule
    /// says.
    fn ready_ways(&self, me: usize, owed: usize, ways: &mut Vec<(Key, Happening)>) -> bool {
        let mut seen = Vec::new();
        let mut is_owed = false;
        for (place, event) in self.loops[me].ready.iter().enumerate() {
            let source = match event {
                Event::Message(endpoint) => Some(*endpoint),
                _ => None,
            };
            if !seen.contains(&source) {
                seen.push(source);
                ways.push(((if place < owed { 1 } else { 3 }, 0, 0, place as u64), Happening::Ready(place)));
                is_owed |= place < owed;
            }
        }
        is_owed
    }

    /// The sockets that were ready when the poll last looked; whether the poll may end without them. A poll that comes at once may miss
    /// what has only just arrived.
    fn socket_ways(&self, me: usize, ways: &mut Vec<(Key, Happening)>) -> bool {
        let mut optional = true;
        for (place, (socket, missed)) in self.network.gathered(me).enumerate() {
            ways.push(((1, 0, 2, place as u64), Happening::Socket(socket)));
            optional &= !missed;
        }
        optional
    }

    /// The jobs of `me` that may be done; by the model, they are at `now`.
    fn job_ways(&self, me: usize, now: u64, ways: &mut Vec<(Key, Happening)>) {
        let mut classes = Vec::new();
        let mut jobs: Vec<_> = self.jobs_of(me).filter(|(job, _)| job.job.0 <= self.loops[me].poll.jobs).collect();
        jobs.sort_by_key(|(job, _)| job.started);
        for (job, at) in jobs {
            if let Some(class) = self.explored.alike.get(&(me, job.job)).filter(|_| self.explored.reduced) {
                if classes.contains(class) {
                    continue;
                }
                classes.push(*class);
            }
            let key =
                if at <= now || self.explored.at_once == Some(true) { (1, at, 1, job.started) } else { (4, at, 0, job.started) };
            ways.push((key, Happening::Job(job.job)));
        }
    }

    /// The end of a wait: when it is over, or when the machine was away for so long.
    fn expire_way(&self, until: u64, ways: &mut Vec<(Key, Happening)>) {
        if self.is_reachable(until) {
            ways.push(((if until <= self.now { 2 } else { 4 }, until, 1, 0), Happening::Expire(until)));
        }
    }

    /// The other loops that could run first.
    fn turn_ways(&self, me: usize, question: Question, ways: &mut Vec<(Key, Happening)>) {
        let instant = matches!(question, Question::Instant { .. });
        let yielded = matches!(question, Question::Instant { yielded: true });
        let count = self.loops.len();
        for distance in 1..count {
            let other = (me + distance) % count;
            let distance = distance as u64;
            if self.is_runnable(other) {
                let rank = if yielded { 5 } else { u8::from(!instant) * 3 };
                ways.push(((rank, 0, 0, distance), Happening::Turn(other)));
            } else if let Some(at) = self.next_of(other)
                && self.is_reachable(at)
            {
                ways.push(((if instant { 6 } else { 4 }, at, 2, distance), Happening::Turn(other)));
            }
        }
    }

    /// When something would next happen to a loop that waits.
    fn next_of(&self, index: usize) -> Option<u64> {
        match self.loops[index].status {
            Status::Polling(_) if self.has_news(index) => Some(self.now),
            Status::Polling(until) => self.jobs_of(index).map(|(_, at)| at).chain(until).min(),
            Status::Waiting(_, until) => until,
            Status::Runnable | Status::Nested | Status::Gone => None,
        }
    }

    /// When, by the model, the next thing happens to any loop.
    fn next_of_all(&self) -> u64 {
        let loops = 0..self.loops.len();
        if loops.clone().any(|index| index != self.current && self.is_runnable(index)) {
            return self.now;
        }
        loops.filter_map(|index| self.next_of(index)).min().unwrap_or(u64::MAX).max(self.now)
    }

    /// Whether a time may come before anything else happens.
    fn is_reachable(&self, time: u64) -> bool {
        time <= self.next_of_all().saturating_add(self.explored.slack)
    }

    /// Whether all jobs of `me` may still be on their way.
    fn may_be_late(&self, me: usize) -> bool {
        self.jobs_of(me).all(|(_, at)| self.now.saturating_sub(at) <= self.explored.slack)
    }

    /// Lets the schedule choose what comes next for `me`, and lets the time pass that it takes; none if nothing can come.
    fn decide(&mut self, me: usize, question: Question) -> Option<Happening> {
        let ways = self.ways(me, question);
        let names: Vec<String> =
            if ways.len() > 1 { ways.iter().map(|&(_, happening)| self.name(me, happening)).collect() } else { Vec::new() };
        let count = u32::try_from(ways.len()).unwrap_or(u32::MAX);
        let taken = self.setting.schedule.choose(Point::NextEvent, count, |way| names[way as usize].clone());
        let &(_, happening) = ways.get(taken as usize)?;
        let model = self.next_of_all();
        match happening {
            // What is done before something that the model has earlier was faster than the model.
            Happening::Job(job) if matches!(question, Question::Poll(_)) => {
                let done = self.jobs_of(me).find(|(known, _)| known.job == job).map_or(model, |(_, at)| at);
                self.now = self.now.max(done.min(model));
            }
            Happening::Expire(until) => {
                self.explored.slack = self.explored.slack.saturating_sub(until.saturating_sub(model));
                self.now = self.now.max(until);
            }
            _ => {}
        }
        Some(happening)
    }

    fn name(&self, me: usize, happening: Happening) -> String {
        match happening {
            Happening::Ready(place) => match &self.loops[me].ready[place] {
                Event::JobDone(job, _) => format!("job {} is delivered", job.0),
                Event::Message(endpoint) => format!("the message at end {} is delivered", endpoint.0),
                Event::Ready(socket, _) => format!("socket {} is reported", socket.0),
                Event::Exited(pid, _) => format!("the end of process {} is reported", pid.0),
                Event::Signal(signal) => format!("signal {signal} is delivered"),
            },
            Happening::Job(job) => format!("job {} is done", job.0),
            Happening::Socket(socket) => format!("socket {socket} is reported"),
            Happening::Nothing => "nothing more has happened".to_owned(),
            Happening::Expire(until) => {
                format!("the wait ends after {} ms", until.saturating_sub(self.now).div_ceil(MILLISECOND))
            }
            Happening::Turn(0) => "the main loop runs".to_owned(),
            Happening::Turn(other) => format!("the loop of worker {other} runs"),
        }
    }

    /// Makes it happen; the event, if it is one.
    fn make_happen(&mut self, me: usize, happening: Happening) -> Option<Event> {
        match happening {
            Happening::Ready(place) => {
                let me = &mut self.loops[me];
                me.poll.owed -= usize::from(place < me.poll.owed);
                me.ready.remove(place)
            }
            Happening::Job(job) => {
                let index = self.running.iter().position(|running| running.owner == me && running.job == job)?;
                let at = self.now;
                Some(self.finish(index, at))
            }
            Happening::Socket(socket) => Some(Event::Ready(SocketId(socket), self.network.report(me, socket)?)),
            Happening::Nothing | Happening::Expire(_) => {
                self.network.miss(me);
                None
            }
            Happening::Turn(_) => None,
        }
    }
}
