use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::{Index, IndexMut};

/// A service of a messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Text, pictures, voice notes.
    Messages,
    /// Voice and video calls.
    Calls,
    /// Channels and large public groups.
    Channels,
}

impl Service {
    /// All of them, in the order of tables.
    pub const ALL: [Service; 3] = [Service::Messages, Service::Calls, Service::Channels];

    /// The service as scenarios write it.
    pub fn name(self) -> &'static str {
        match self {
            Service::Messages => "messages",
            Service::Calls => "calls",
            Service::Channels => "channels",
        }
    }

    /// Whether it runs between two contacts, so that they move to another app when it fails.
    pub fn is_between_contacts(self) -> bool {
        match self {
            Service::Messages | Service::Calls => true,
            Service::Channels => false,
        }
    }
}

/// A value for each service.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerService<T>([T; Service::ALL.len()]);

impl<T> PerService<T> {
    /// The value that `of` gives for each service.
    pub fn from_fn(mut of: impl FnMut(Service) -> T) -> Self {
        PerService(Service::ALL.map(&mut of))
    }
}

impl<T> Index<Service> for PerService<T> {
    type Output = T;
    #[inline(always)]
    fn index(&self, service: Service) -> &T {
        &self.0[service as usize]
    }
}

impl<T> IndexMut<Service> for PerService<T> {
    #[inline(always)]
    fn index_mut(&mut self, service: Service) -> &mut T {
        &mut self.0[service as usize]
    }
}
