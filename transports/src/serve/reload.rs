//! Puts a configuration in force, the first one or another: all of it, or nothing. What can fail is
//! done first.

use super::activation::{tell_ready, tell_reloading};
use super::daemon::{Daemon, FIRST_DOOR, SERVICES_MAX, ServeError};
use super::door::{Door, TOKENS_EACH};
use super::listener::Patience;
use super::plan::Plan;
use super::service::{Service, launch_of};
use crate::config::ServerSettings;
use crate::log::{Level, Value};

/// Where the clients of one server come in.
pub(super) struct Opened {
    /// The place of the door.
    at: usize,
    /// The door, opened and registered for this place, unless it is there already.
    door: Option<Door>,
}

impl Daemon {
    /// Reads the configuration again. If anything is wrong with it, everything stays as it is.
    pub(super) fn reload(&mut self) {
        if self.drain_until.is_some() {
            return;
        }
        tell_reloading();
        // Before the log is exchanged, it also tells what it has folded.
        self.tell(Level::Info, "reading the configuration again", &[]);
        let outcome = (self.reload)().and_then(|(plan, recorder)| {
            let opened = self.open(&plan).map_err(|error| error.to_string())?;
            Ok((plan, recorder, opened))
        });
        match outcome {
            Ok((plan, recorder, opened)) => {
                self.plan = plan;
                // A file that was moved away is left with all that was for it.
                let _ = self.host.write_errors();
                self.host.recorder = recorder;
                self.install(opened);
                self.swap_policies();
                self.tell(Level::Info, "the configuration was read again", &[]);
                for warning in std::mem::take(&mut self.plan.warnings) {
                    let fields = [("warning", Value::Text(&warning))];
                    self.tell(Level::Warn, "the configuration is odd", &fields);
                }
            }
            Err(why) => {
                let fields = [("fault", Value::Text(&why))];
                let what = "the configuration cannot be used; the one before stays in force";
                self.tell(Level::Error, what, &fields);
            }
        }
        tell_ready(self.plan.serve.clients_max);
    }

    /// Opens what a plan needs and is not open yet.
    pub(super) fn open(&mut self, plan: &Plan) -> Result<Vec<Opened>, ServeError> {
        if plan.servers.len() + self.services.len() > SERVICES_MAX {
            return Err(ServeError::Servers);
        }
        let mut opened = Vec::with_capacity(plan.servers.len());
        match self.open_doors(plan, &mut opened) {
            Ok(()) => Ok(opened),
            Err(error) => {
                opened.into_iter().filter_map(|it| it.door).for_each(|door| self.keep(door));
                Err(error)
            }
        }
    }

    fn open_doors(&mut self, plan: &Plan, opened: &mut Vec<Opened>) -> Result<(), ServeError> {
        let mut next = 0;
        let mut patience = Patience::default();
        let fault = |settings: &ServerSettings, error| {
            ServeError::Bind(settings.socket.key().to_owned(), error)
        };
        for settings in &plan.servers {
            let path = settings.socket.path();
            let serves = |door: &Option<Door>| door.as_ref().is_some_and(|door| door.serves(&path));
            if let Some(at) = self.doors.iter().position(serves) {
                opened.push(Opened { at, door: None });
                continue;
            }
            while self.doors.get(next).is_some_and(Option::is_some) {
                next += 1;
            }
            let door = Door::open(settings, &plan.socket, &mut self.handed, &mut patience)
                .map_err(|error| fault(settings, error))?;
            opened.push(Opened { at: next, door: Some(door) });
            next += 1;
        }
        // One that was there already may be replaced here, so not before the others succeeded.
        for (settings, Opened { at, door }) in plan.servers.iter().zip(opened) {
            let Some(door) = door else { continue };
            door.open_beside(settings, &mut patience).map_err(|error| fault(settings, error))?;
            door.register(self.host.registry(), FIRST_DOOR + *at * TOKENS_EACH)?;
        }
        Ok(())
    }

    /// Closes a door. A socket that was handed to us waits for a server that needs it again.
    fn keep(&mut self, door: Door) {
        let Some(clients) = door.clients.filter(|clients| !clients.is_made()) else { return };
        clients.deregister(self.host.registry());
        self.handed.keep(clients);
    }

    /// Puts the plan in force, with the doors that were opened for it.
    pub(super) fn install(&mut self, opened: Vec<Opened>) {
        let mut hook = self.plan.hook.clone();
        if let Some(hook) = &mut hook {
            hook.launch.descriptors = self.descriptors;
        }
        self.host.approvals.configure(hook, true);
        let used: Vec<usize> = opened.iter().map(|opened| opened.at).collect();
        (0..self.doors.len()).filter(|at| !used.contains(at)).for_each(|at| self.close(at));
        // No place of a service that goes on is free, whatever comes before it in the plan.
        for service in &mut self.services {
            let mut servers = self.plan.servers.iter();
            service.listed = servers.any(|settings| settings.name == service.name);
        }
        for (index, Opened { at, door }) in opened.into_iter().enumerate() {
            let service = self.list(index);
            if door.is_some() {
                if self.doors.len() <= at {
                    self.doors.resize_with(at + 1, || None);
                }
                self.doors[at] = door;
                self.tell_door(at, service, "listens");
            }
            if let Some(door) = &mut self.doors[at] {
                door.service = service;
                if let Some(clients) = &door.clients {
                    // It was there a moment ago; whoever removed it since has to reload again.
                    let _ = clients.set_perm(self.plan.socket.perm);
                }
            }
        }
    }

    /// The service of a server of the plan, an old one or a new one.
    fn list(&mut self, index: usize) -> usize {
        let settings = &self.plan.servers[index];
        let known = self.services.iter().position(|service| service.name == settings.name);
        if let Some(at) = known {
            self.services[at].launch = launch_of(settings, self.descriptors).into();
            return at;
        }
        let service = Service::new(settings, self.descriptors);
        match self.services.iter().position(Service::is_empty) {
            Some(free) => {
                self.services[free] = service;
                free
            }
            None => {
                self.services.push(service);
                self.services.len() - 1
            }
        }
    }

    /// Lets nobody in by this door any more.
    fn close(&mut self, at: usize) {
        let Some(door) = self.doors[at].as_ref() else { return };
        self.tell_door(at, door.service, "listens no more");
        if let Some(door) = self.doors[at].take() {
            self.keep(door);
        }
    }

    fn tell_door(&mut self, at: usize, service: usize, what: &str) {
        let Some(path) = self.doors[at].as_ref().and_then(Door::path) else { return };
        let path = path.display().to_string();
        self.tell_of(service, None, Level::Info, what, &[("socket", Value::Text(&path))]);
    }

    /// The policy is in force from the next frame of each session.
    fn swap_policies(&mut self) {
        let policy = self.plan.policy.clone();
        let mut places = Vec::with_capacity(self.clients.len());
        for (place, client) in self.clients.iter_mut() {
            client.session.swap_policy(&policy, &mut self.host.world());
            places.push(place);
        }
        places.into_iter().for_each(|place| self.touch(place));
    }
}
