//! The clients of a daemon: a table whose places are used again, with the times at which each is
//! due beside it, so that finding the next costs a walk over numbers.

use portcullis_engine::Side;

use crate::session::{Session, TOKENS};

/// A client and what the daemon knows of it.
pub struct Client {
    /// Its session.
    pub session: Session,
    /// Counts up over all clients; never used twice.
    pub number: u64,
    /// Which service it came to.
    pub service: usize,
    /// Since when its server runs; monotonic milliseconds.
    pub child_since: Option<u64>,
    /// The end of its server was taken note of.
    pub child_ended: bool,
    /// It waits for its server to be started, since then.
    pub waits_since: Option<u64>,
    /// When it has to have said something that passes, while it has not.
    pub greets_by: Option<u64>,
    /// It is on the list of those who have something to do, or of those who are busy.
    pub touched: bool,
}

impl Client {
    /// Whether its server has said anything that passed.
    #[must_use]
    pub fn has_been_answered(&self) -> bool {
        self.session.metrics().passed[Side::Server as usize] > 0
    }
}

/// All clients.
#[derive(Default)]
pub struct Clients {
    places: Vec<Option<Box<Client>>>,
    /// When each is due; `u64::MAX` for never.
    due: Vec<u64>,
    free: Vec<usize>,
}

/// Tokens below this are the daemon's own.
pub const FIRST_TOKEN: usize = 1 << 12;

impl Clients {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place that the next client takes.
    #[must_use]
    pub fn next_place(&self) -> usize {
        self.free.last().copied().unwrap_or(self.places.len())
    }

    /// The first token of the client in this place.
    #[must_use]
    pub fn first_token(place: usize) -> usize {
        FIRST_TOKEN + place * TOKENS
    }

    /// The place that a token belongs to.
    #[must_use]
    pub fn place_of(token: usize) -> usize {
        (token - FIRST_TOKEN) / TOKENS
    }

    /// Puts a client in the [next place](Self::next_place).
    pub fn insert(&mut self, client: Client) -> usize {
        let client = Some(Box::new(client));
        match self.free.pop() {
            Some(place) => {
                self.places[place] = client;
                place
            }
            None => {
                self.places.push(client);
                self.due.push(u64::MAX);
                self.places.len() - 1
            }
        }
    }

    /// Takes a client out.
    pub fn remove(&mut self, place: usize) -> Option<Client> {
        let client = self.places.get_mut(place)?.take()?;
        self.due[place] = u64::MAX;
        self.free.push(place);
        if self.is_empty() {
            // A rush is over: its memory is given back.
            *self = Clients::default();
        }
        Some(*client)
    }

    /// The client in this place, if there is one.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut Client> {
        self.places.get_mut(place)?.as_deref_mut()
    }

    /// All clients and their places.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut Client)> {
        let places = self.places.iter_mut().enumerate();
        places.filter_map(|(place, client)| Some((place, client.as_deref_mut()?)))
    }

    /// All clients.
    pub fn iter(&self) -> impl Iterator<Item = &Client> {
        self.places.iter().flatten().map(AsRef::as_ref)
    }

    /// Notes when a client is due.
    pub fn set_due(&mut self, place: usize, at_ms: Option<u64>) {
        self.due[place] = at_ms.unwrap_or(u64::MAX);
    }

    /// When the next is due.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        self.due.iter().copied().min().filter(|&at| at != u64::MAX)
    }

    /// The places of those that are due.
    pub fn due(&self, now_ms: u64) -> impl Iterator<Item = usize> + '_ {
        self.due.iter().enumerate().filter(move |&(_, &at)| at <= now_ms).map(|(place, _)| place)
    }
}
