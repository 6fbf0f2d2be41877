//! Mail: what is sent, its limits, and the call that sends it.

mod check;
mod message;
mod parts;
mod send;
mod settings;

pub use message::{MailSend, Personalization};
pub use parts::{MailAddress, MailContent, MailFile, UnsubscribeSettings};
pub use send::{Mail, MailReceipt};
pub use settings::{
    ClickTracking, Footer, GoogleAnalytics, MailSettings, OpenTracking, SubscriptionTracking, Switch,
    TrackingSettings,
};
