//! To come.
/// Placeholder until the module lands.
pub trait WebhookReceiver: std::fmt::Debug + Send + Sync + 'static {}
