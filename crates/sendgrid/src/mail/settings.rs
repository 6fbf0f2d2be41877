//! How one mail departs from the account's settings.

use serde::Serialize;

/// On or off, as a JSON boolean: SendGrid refuses the text `"true"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Switch {
    /// Whether it is on.
    pub enable: bool,
}

impl Switch {
    /// On.
    pub const ON: Self = Self { enable: true };
    /// Off.
    pub const OFF: Self = Self { enable: false };
}

/// How SendGrid treats a mail. What is `None` is as in the account.
/// See <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MailSettings {
    /// Sends to everybody, whatever lists they are on. Not together with the other three.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass_list_management: Option<Switch>,
    /// Sends to those who reported spam.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass_spam_management: Option<Switch>,
    /// Sends to addresses that bounced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass_bounce_management: Option<Switch>,
    /// Sends to those who left all mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass_unsubscribe_management: Option<Switch>,
    /// A footer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<Footer>,
    /// Checks the mail and sends nothing: the answer is 200, no event follows, nothing is charged.
    /// See <https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sandbox-mode>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_mode: Option<Switch>,
}

impl MailSettings {
    /// As in the account.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether it goes to everybody, whatever lists they are on.
    pub fn with_bypass_list_management(mut self, switch: Switch) -> Self {
        self.bypass_list_management = Some(switch);
        self
    }

    /// Sets whether it goes to those who reported spam.
    pub fn with_bypass_spam_management(mut self, switch: Switch) -> Self {
        self.bypass_spam_management = Some(switch);
        self
    }

    /// Sets whether it goes to addresses that bounced.
    pub fn with_bypass_bounce_management(mut self, switch: Switch) -> Self {
        self.bypass_bounce_management = Some(switch);
        self
    }

    /// Sets whether it goes to those who left all mail.
    pub fn with_bypass_unsubscribe_management(mut self, switch: Switch) -> Self {
        self.bypass_unsubscribe_management = Some(switch);
        self
    }

    /// Sets the footer.
    pub fn with_footer(mut self, footer: Footer) -> Self {
        self.footer = Some(footer);
        self
    }

    /// Sets whether it is only checked.
    pub fn with_sandbox_mode(mut self, switch: Switch) -> Self {
        self.sandbox_mode = Some(switch);
        self
    }
}

/// A footer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Footer {
    /// Whether there is one.
    pub enable: bool,
    /// Under the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Under the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

impl Footer {
    /// A footer in both forms.
    pub fn new(text: impl Into<String>, html: impl Into<String>) -> Self {
        Self { enable: true, text: Some(text.into()), html: Some(html.into()) }
    }

    /// No footer, whatever the account has.
    pub fn none() -> Self {
        Self { enable: false, text: None, html: None }
    }
}

/// What SendGrid watches. What is `None` is as in the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrackingSettings {
    /// Links that are followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_tracking: Option<ClickTracking>,
    /// Mails that are opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_tracking: Option<OpenTracking>,
    /// A link at the end by which the recipient leaves all mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_tracking: Option<SubscriptionTracking>,
    /// Parameters in links for Google Analytics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ganalytics: Option<GoogleAnalytics>,
}

impl TrackingSettings {
    /// As in the account.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether links are watched.
    pub fn with_click_tracking(mut self, tracking: ClickTracking) -> Self {
        self.click_tracking = Some(tracking);
        self
    }

    /// Sets whether opening is watched.
    pub fn with_open_tracking(mut self, tracking: OpenTracking) -> Self {
        self.open_tracking = Some(tracking);
        self
    }

    /// Sets whether there is a link to leave all mail.
    pub fn with_subscription_tracking(mut self, tracking: SubscriptionTracking) -> Self {
        self.subscription_tracking = Some(tracking);
        self
    }

    /// Sets the parameters for Google Analytics.
    pub fn with_ganalytics(mut self, analytics: GoogleAnalytics) -> Self {
        self.ganalytics = Some(analytics);
        self
    }
}

/// Whether links that are followed are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClickTracking {
    /// In pages.
    pub enable: bool,
    /// In text as well, where links then look different.
    pub enable_text: bool,
}

impl ClickTracking {
    /// In pages, and perhaps in text.
    pub fn new(enable: bool, enable_text: bool) -> Self {
        Self { enable, enable_text }
    }
}

/// Whether opening is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenTracking {
    /// Whether it is.
    pub enable: bool,
    /// Where in the page the picture goes that tells; the end where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substitution_tag: Option<String>,
}

impl OpenTracking {
    /// On or off.
    pub fn new(enable: bool) -> Self {
        Self { enable, substitution_tag: None }
    }

    /// Sets the tag in whose place the picture goes.
    pub fn with_substitution_tag(mut self, tag: impl Into<String>) -> Self {
        self.substitution_tag = Some(tag.into());
        self
    }
}

/// Whether there is a link by which the recipient leaves all mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionTracking {
    /// Whether there is.
    pub enable: bool,
    /// The words in text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The words in the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The tag in whose place the address goes; the words are ignored then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substitution_tag: Option<String>,
}

impl SubscriptionTracking {
    /// On or off.
    pub fn new(enable: bool) -> Self {
        Self { enable, text: None, html: None, substitution_tag: None }
    }

    /// Sets the words in both forms.
    pub fn with_words(mut self, text: impl Into<String>, html: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self.html = Some(html.into());
        self
    }

    /// Sets the tag in whose place the address goes.
    pub fn with_substitution_tag(mut self, tag: impl Into<String>) -> Self {
        self.substitution_tag = Some(tag.into());
        self
    }
}

/// Parameters that SendGrid adds to links for Google Analytics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GoogleAnalytics {
    /// Whether they are added.
    pub enable: bool,
    /// Where the visit comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    /// By which way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    /// Paid words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_term: Option<String>,
    /// What tells two links apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_content: Option<String>,
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
}

impl GoogleAnalytics {
    /// On or off.
    pub fn new(enable: bool) -> Self {
        Self { enable, ..Self::default() }
    }

    /// Sets source, medium and campaign.
    pub fn with_source(
        mut self,
        source: impl Into<String>,
        medium: impl Into<String>,
        campaign: impl Into<String>,
    ) -> Self {
        self.utm_source = Some(source.into());
        self.utm_medium = Some(medium.into());
        self.utm_campaign = Some(campaign.into());
        self
    }

    /// Sets the paid words and what tells two links apart.
    pub fn with_term_and_content(mut self, term: impl Into<String>, content: impl Into<String>) -> Self {
        self.utm_term = Some(term.into());
        self.utm_content = Some(content.into());
        self
    }
}
