//! Puts a configuration in force, the first one or another: all of it, or nothing.

use super::activation::{Handed, tell_ready, tell_reloading};
use super::daemon::{Daemon, FIRST_DOOR, SERVICES_MAX, ServeError};
use super::plan::Plan;
use super::service::{Doors, Service, TOKENS_EACH, launch_of};
use crate::config::ServerSettings;
use crate::log::{Level, Value};

impl Daemon {
    /// Reads the configuration again. If anything is wrong with it, everything stays as it is.
    pub(super) fn reload(&mut self) {
        if self.drain_until.is_some() {
            return;
        }
        tell_reloading();
        let outcome = (self.reload)().and_then(|(plan, recorder)| {
            let opened =
                self.open(&plan, &mut Handed::default()).map_err(|error| error.to_string())?;
            self.plan = plan;
            // A file that was moved away is left; what waits for standard error is not.
            let _ = self.host.write_errors();
            self.host.recorder = recorder;
            self.install(opened).map_err(|error| error.to_string())
        });
        match outcome {
            Ok(()) => {
                for warning in std::mem::take(&mut self.plan.warnings) {
                    let fields = [("warning", Value::Text(&warning))];
                    self.tell(Level::Warn, "the configuration is odd", &fields);
                }
                let policy = self.plan.policy.clone();
                for (_, client) in self.clients.iter_mut() {
                    client.session.swap_policy(&policy, &mut self.host.world());
                }
                self.tell(Level::Info, "the configuration was read again", &[]);
            }
            Err(why) => {
                let fields = [("fault", Value::Text(&why))];
                let what = "the configuration cannot be used; the one before stays in force";
                self.tell(Level::Error, what, &fields);
            }
        }
        tell_ready(self.plan.serve.clients_max);
    }

    /// Opens what a plan needs and is not open yet: `None` for servers that keep their doors.
    pub(super) fn open(
        &self,
        plan: &Plan,
        handed: &mut Handed,
    ) -> Result<Vec<Option<Doors>>, ServeError> {
        if plan.servers.len() + self.services.len() > SERVICES_MAX {
            return Err(ServeError::Servers);
        }
        plan.servers
            .iter()
            .map(|settings| {
                let path = settings.socket.path();
                let known = self.services.iter().find(|service| service.name == settings.name);
                let keeps = known.is_some_and(|service| service.listens_at(&path));
                if keeps || self.renamed(plan, settings).is_some() {
                    return Ok(None);
                }
                Doors::open(settings, &plan.socket, handed)
                    .map(Some)
                    .map_err(|error| ServeError::Bind(settings.socket.key().to_owned(), error))
            })
            .collect()
    }

    /// The service that a server with a new name goes on with: the one that has its socket, if its
    /// own name is no longer in use.
    fn renamed(&self, plan: &Plan, settings: &ServerSettings) -> Option<usize> {
        if self.services.iter().any(|service| service.name == settings.name) {
            return None;
        }
        let path = settings.socket.path();
        let left = |service: &Service| plan.servers.iter().all(|one| one.name != service.name);
        self.services.iter().position(|service| service.listens_at(&path) && left(service))
    }

    /// Puts the plan in force, with the doors that were opened for it.
    pub(super) fn install(&mut self, opened: Vec<Option<Doors>>) -> Result<(), ServeError> {
        let registry = self.host.registry();
        for settings in &self.plan.servers {
            if let Some(at) = self.renamed(&self.plan, settings) {
                self.services[at].name.clone_from(&settings.name);
            }
        }
        let names: Vec<&str> = self.plan.servers.iter().map(|one| one.name.as_str()).collect();
        for service in &mut self.services {
            if !names.contains(&service.name.as_str()) {
                service.doors = None;
            }
        }
        for (settings, doors) in self.plan.servers.iter().zip(opened) {
            let known = self.services.iter().position(|service| service.name == settings.name);
            if let (Some(at), None) = (known, &doors) {
                self.services[at].launch = launch_of(settings, self.descriptors).into();
                continue;
            }
            let Some(doors) = doors else { continue };
            let free = self.services.iter().position(Service::is_empty);
            let at = known.or(free).unwrap_or(self.services.len());
            doors.register(registry, FIRST_DOOR + at * TOKENS_EACH)?;
            let service = Service::new(settings, doors, self.descriptors);
            match self.services.get_mut(at) {
                // Its clients stay, and are counted on.
                Some(old) if known.is_some() => {
                    old.doors = service.doors;
                    old.launch = service.launch;
                }
                Some(old) => *old = service,
                None => self.services.push(service),
            }
        }
        for service in self.services.iter().filter(|service| service.doors.is_some()) {
            if let Some(doors) = &service.doors {
                // It was there a moment ago; whoever removed it since has to reload again.
                let _ = doors.clients.set_perm(self.plan.socket.perm);
            }
        }
        Ok(())
    }
}
