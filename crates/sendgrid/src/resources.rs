//! The client's resources, one accessor each.

use crate::{
    Account, Domains, EmailValidations, EventWebhooks, Mail, ParseSettings, ScheduledSends, SendGrid,
    Statistics, Suppressions, TemplateVersions, Templates, UnsubscribeGroups, VerifiedSenders,
};

impl SendGrid {
    /// Mail.
    pub fn mail(&self) -> Mail<'_> {
        Mail::new(self)
    }

    /// Batches by which scheduled mail is paused or called back.
    pub fn scheduled_sends(&self) -> ScheduledSends<'_> {
        ScheduledSends::new(self)
    }

    /// Templates.
    pub fn templates(&self) -> Templates<'_> {
        Templates::new(self)
    }

    /// Versions of templates.
    pub fn template_versions(&self) -> TemplateVersions<'_> {
        TemplateVersions::new(self)
    }

    /// Addresses that mail may come from.
    pub fn verified_senders(&self) -> VerifiedSenders<'_> {
        VerifiedSenders::new(self)
    }

    /// Domains that mail may come from.
    pub fn domains(&self) -> Domains<'_> {
        Domains::new(self)
    }

    /// Addresses that SendGrid does not send to.
    pub fn suppressions(&self) -> Suppressions<'_> {
        Suppressions::new(self)
    }

    /// Kinds of mail that a recipient may leave one by one.
    pub fn unsubscribe_groups(&self) -> UnsubscribeGroups<'_> {
        UnsubscribeGroups::new(self)
    }

    /// What the key may do, and what the account has.
    pub fn account(&self) -> Account<'_> {
        Account::new(self)
    }

    /// Numbers.
    pub fn stats(&self) -> Statistics<'_> {
        Statistics::new(self)
    }

    /// Whether an address is likely to take mail.
    pub fn email_validations(&self) -> EmailValidations<'_> {
        EmailValidations::new(self)
    }

    /// Event webhooks.
    pub fn event_webhooks(&self) -> EventWebhooks<'_> {
        EventWebhooks::new(self)
    }

    /// Domains whose mail is pushed.
    pub fn parse_settings(&self) -> ParseSettings<'_> {
        ParseSettings::new(self)
    }
}
