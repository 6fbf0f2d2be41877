//! What a provider needs to connect.

use crate::credential::{Credentials, Settings};
use crate::provider::Environment;

/// What a provider needs to connect.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectionConfig {
    credentials: Credentials,
    settings: Settings,
    environment: Environment,
}

impl ConnectionConfig {
    /// Connects with these credentials, without settings.
    pub fn new(credentials: Credentials, environment: Environment) -> Self {
        Self { credentials, settings: Settings::default(), environment }
    }

    /// Adds settings.
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The environment.
    pub fn environment(&self) -> Environment {
        self.environment
    }
}
