//! A look behind, and what people and mail servers do.

use bytes::Bytes;
use serde_json::{Value, json};

use super::events::{self, Metric};
use super::lifecycle::{self, Fate, State, object};
use super::state::{Account, Settings};
use super::suppressions::{self, SPAM, UNSUBSCRIBES};
use super::{LoggedRequest, SendGridSimulator, domains, handlebars, inbound, message, senders, signing};
use crate::webhook::SignedWebhook;

impl SendGridSimulator {
    /// The account, moved to the present.
    fn with<T>(&self, act: impl FnOnce(&mut Account) -> T) -> T {
        let mut world = self.world();
        let (seed, now) = (world.seed, world.clock.unix());
        let account = world.accounts.entry(String::new()).or_insert_with(|| Account::new(seed, "", now));
        lifecycle::advance(account, now);
        act(account)
    }

    fn on<T>(&self, subuser: &str, act: impl FnOnce(&mut Account) -> T) -> Option<T> {
        let mut world = self.world();
        let now = world.clock.unix();
        let account = world.accounts.get_mut(subuser)?;
        lifecycle::advance(account, now);
        Some(act(account))
    }

    /// A key with full access, which email validation is no part of.
    pub fn api_key(&self) -> String {
        self.world().keys.first().map(|key| key.secret.clone()).unwrap_or_default()
    }

    /// The key of the email validation add-on, good for nothing else.
    pub fn validation_key(&self) -> String {
        self.world().keys.get(1).map(|key| key.secret.clone()).unwrap_or_default()
    }

    /// A new key that may do this and no more.
    pub fn restricted_key(&self, scopes: &[&str]) -> String {
        self.world().key(scopes, "")
    }

    /// A key stops working at once.
    pub fn revoke_key(&self, key: &str) {
        self.world().keys.retain(|known| known.secret != key);
    }

    /// Opens a subuser's account, if there is none of the name, and gives a key of its own.
    pub fn add_subuser(&self, username: &str) -> String {
        let mut world = self.world();
        let (seed, now) = (world.seed, world.clock.unix());
        world.accounts.entry(username.to_owned()).or_insert_with(|| Account::new(seed, username, now));
        world.key(super::account::FULL_ACCESS, username)
    }

    /// The public key, base64 of its DER form, of batches that are made while the account has no event webhooks.
    pub fn webhook_public_key(&self) -> String {
        self.with(|account| account.key.public())
    }

    /// Changes settings.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.with(|account| change(&mut account.settings));
    }

    /// Authenticates a domain: it is there, its records are published and checked.
    pub fn authenticate_domain(&self, domain: &str) {
        self.with(|account| domains::authenticate(account, domain));
    }

    /// Publishes the records of a domain, so that its next validation succeeds.
    pub fn publish_records(&self, domain: &str) {
        self.with(|account| account.published.insert(domain.to_lowercase()));
    }

    /// Takes the records of a domain away: the next validation fails.
    pub fn withdraw_records(&self, domain: &str) {
        self.with(|account| account.published.remove(&domain.to_lowercase()));
    }

    /// Forgets every domain and sender: nothing can be sent until one is verified.
    pub fn forget_identities(&self) {
        self.with(|account| {
            account.domains.clear();
            account.published.clear();
            account.senders.clear();
            account.sender_tokens.clear();
        });
    }

    /// The person behind a sender's address confirms it. Whether there is such a sender.
    pub fn confirm_sender(&self, email: &str) -> bool {
        self.with(|account| senders::confirm(account, email))
    }

    /// The tokens of confirmation mails that nobody answered, as in their links, oldest first.
    pub fn sender_tokens(&self) -> Vec<String> {
        self.with(|account| account.sender_tokens.iter().map(|(token, _)| token.clone()).collect())
    }

    /// From now on the server of an address does this with what comes.
    pub fn when_sent_to(&self, email: &str, fate: Fate) {
        self.with(|account| account.fates.insert(email.to_lowercase(), fate));
    }

    /// Something happens to a message that was delivered to somebody. `message_id` is the `X-Message-Id`.
    fn after<T>(
        &self,
        message_id: &str,
        email: &str,
        act: impl FnOnce(&mut Account, u64, usize) -> T,
    ) -> Option<T> {
        self.with(|account| {
            let sent = account.sent.iter().find(|sent| sent.id == message_id)?;
            let number = sent.deliveries.clone().find(|number| {
                account
                    .deliveries
                    .get(*number)
                    .is_some_and(|one| one.email.eq_ignore_ascii_case(email) && one.state == State::Delivered)
            })?;
            Some(act(account, account.now, number))
        })
    }

    /// The recipient opens a delivered message. Whether it was delivered.
    pub fn open(&self, message_id: &str, email: &str) -> bool {
        self.after(message_id, email, |account, at, number| {
            let first =
                account.deliveries.get_mut(number).map(|one| !std::mem::replace(&mut one.opened, true));
            let extra = json!({ "useragent": "Mozilla/5.0", "ip": "192.0.2.7", "sg_machine_open": false });
            let metrics = [Metric::Opens, Metric::UniqueOpens];
            let metrics = metrics.get(..if first == Some(true) { 2 } else { 1 }).unwrap_or_default();
            events::happen(account, at, number, "open", object(extra), metrics);
        })
        .is_some()
    }

    /// The recipient follows a link of a delivered message. Whether it was delivered.
    pub fn click(&self, message_id: &str, email: &str, url: &str) -> bool {
        self.after(message_id, email, |account, at, number| {
            let first =
                account.deliveries.get_mut(number).map(|one| !std::mem::replace(&mut one.clicked, true));
            let extra = json!({
                "useragent": "Mozilla/5.0",
                "ip": "192.0.2.7",
                "url": url,
                "url_offset": { "index": 0, "type": "html" },
            });
            let metrics = [Metric::Clicks, Metric::UniqueClicks];
            let metrics = metrics.get(..if first == Some(true) { 2 } else { 1 }).unwrap_or_default();
            events::happen(account, at, number, "click", object(extra), metrics);
        })
        .is_some()
    }

    /// The recipient reports a delivered message as spam, and gets no more. Whether it was delivered.
    pub fn report_spam(&self, message_id: &str, email: &str) -> bool {
        self.after(message_id, email, |account, at, number| {
            suppressions::add(account, SPAM, email, "", "");
            events::happen(account, at, number, "spamreport", object(json!({})), &[Metric::SpamReports]);
        })
        .is_some()
    }

    /// The recipient unsubscribes from everything. Whether the message was delivered.
    pub fn unsubscribe(&self, message_id: &str, email: &str) -> bool {
        self.after(message_id, email, |account, at, number| {
            suppressions::add(account, UNSUBSCRIBES, email, "", "");
            events::happen(account, at, number, "unsubscribe", object(json!({})), &[Metric::Unsubscribes]);
        })
        .is_some()
    }

    /// The recipient leaves the group of a delivered message, or comes back to it. Whether it was delivered and has a
    /// group.
    pub fn change_group(&self, message_id: &str, email: &str, leave: bool) -> bool {
        self.after(message_id, email, |account, at, number| {
            let sent = account.deliveries.get(number).and_then(|one| account.sent.get(one.sent));
            let id = sent.and_then(|sent| sent.group);
            let group = account.groups.iter_mut().find(|group| Some(group.id) == id)?;
            let kind = if leave {
                group.members.insert(email.to_lowercase(), at);
                "group_unsubscribe"
            } else {
                group.members.remove(&email.to_lowercase());
                "group_resubscribe"
            };
            let url = "https://www.example.com/preferences";
            let extra = json!({ "useragent": "Mozilla/5.0", "ip": "192.0.2.7", "url": url });
            events::happen(account, at, number, kind, object(extra), &[]);
            Some(())
        })
        .flatten()
        .is_some()
    }

    /// The recipient's server takes a delivery back: a bounce after `delivered`. Whether it was delivered.
    pub fn bounce_late(&self, message_id: &str, email: &str) -> bool {
        self.after(message_id, email, lifecycle::bounce).is_some()
    }

    /// SendGrid reviews the account: `account_status_change` with this type, `compliance_suspend` for example.
    pub fn change_account_status(&self, kind: &str) {
        self.with(|account| events::account_status(account, kind));
    }

    /// Somebody sends a mail to a host name of the account; its post comes with the webhooks. Whether anybody
    /// receives mail there.
    pub fn receive(&self, mail: &inbound::InboundMail) -> bool {
        self.with(|account| {
            let post = inbound::post(account, mail);
            let received = post.is_some();
            account.posts.extend(post);
            received
        })
    }

    /// Subject and content of a template's active version with these data. `None` without such a version.
    pub fn preview(&self, template_id: &str, data: &Value) -> Option<Value> {
        self.with(|account| {
            let (version, dynamic) = message::active(account, template_id)?;
            let shown = |name: &str, html: bool| {
                let text = version.get(name).and_then(Value::as_str).unwrap_or_default();
                if dynamic { handlebars::render(text, data, html) } else { text.to_owned() }
            };
            Some(json!({
                "subject": shown("subject", false),
                "html_content": shown("html_content", true),
                "plain_content": shown("plain_content", false),
            }))
        })
    }

    /// All accepted messages, oldest first: what was composed for each personalization, and how far it got.
    pub fn messages(&self) -> Vec<Value> {
        self.with(|account| account.sent.iter().map(|sent| sent.shown(&account.deliveries)).collect())
    }

    /// All accepted messages of a subuser.
    pub fn messages_of(&self, subuser: &str) -> Vec<Value> {
        let shown =
            |account: &mut Account| account.sent.iter().map(|sent| sent.shown(&account.deliveries)).collect();
        self.on(subuser, shown).unwrap_or_default()
    }

    /// All events, oldest first.
    pub fn events(&self) -> Vec<Value> {
        self.with(|account| account.events.clone())
    }

    /// Every request that reached SendGrid, in order.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.world().log.clone()
    }

    /// The batches that were not delivered yet, and posts of inbound mail; signed now.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        let mut world = self.world();
        let now = world.clock.unix();
        let mut all = Vec::new();
        for account in world.accounts.values_mut() {
            lifecycle::advance(account, now);
            all.append(&mut events::take(account));
        }
        all
    }

    /// A batch of events of one's own, in the form of the wire, signed with the account's key at the present time: for
    /// retries, other orders, repetitions.
    pub fn signed_batch(&self, events: &[Value]) -> SignedWebhook {
        self.sign(events::body(events))
    }

    /// Signs any body with the account's key at the present time.
    pub fn sign(&self, body: Bytes) -> SignedWebhook {
        self.with(|account| signing::delivery(Some(&account.key), account.now, body, None))
    }

    pub(super) fn everything(&self) -> Value {
        let messages = self.messages();
        self.with(|account| {
            json!({
                "messages": messages,
                "events": account.events,
                "templates": account.templates,
                "senders": account.senders,
                "domains": account.domains,
                "webhooks": account.webhooks.len(),
                "scheduled_sends": account.held,
                "credits": account.settings.credits,
            })
        })
    }

    /// What is steered on a port, below `/_simulator/sendgrid/`.
    #[cfg(feature = "server")]
    pub(crate) fn administer(&self, action: &str, input: &Value) -> Result<Value, String> {
        let given = |name: &str| input.get(name).and_then(Value::as_str);
        let text = |name: &str| given(name).ok_or_else(|| format!("{name} must be a text"));
        let about = || Ok::<_, String>((text("message_id")?, text("email")?));
        let flag = |name: &str| input.get(name).and_then(Value::as_bool);
        let done = match action {
            "fate" => {
                self.when_sent_to(text("email")?, fate(text("fate")?, input)?);
                true
            }
            "open" => about().map(|(id, email)| self.open(id, email))?,
            "click" => {
                let (id, email) = about()?;
                self.click(id, email, text("url")?)
            }
            "report_spam" => about().map(|(id, email)| self.report_spam(id, email))?,
            "unsubscribe" => about().map(|(id, email)| self.unsubscribe(id, email))?,
            "change_group" => {
                let (id, email) = about()?;
                self.change_group(id, email, flag("leave").ok_or("leave must be true or false")?)
            }
            "bounce_late" => about().map(|(id, email)| self.bounce_late(id, email))?,
            "confirm_sender" => self.confirm_sender(text("email")?),
            "authenticate_domain" => {
                self.authenticate_domain(text("domain")?);
                true
            }
            "publish_records" => {
                self.publish_records(text("domain")?);
                true
            }
            "withdraw_records" => {
                self.withdraw_records(text("domain")?);
                true
            }
            "credits" => {
                let credits =
                    input.get("credits").and_then(Value::as_u64).ok_or("credits must be a number")?;
                self.configure(|settings| settings.credits = credits);
                true
            }
            "enabled" => {
                let on = flag("on").ok_or("on must be true or false")?;
                self.configure(|settings| settings.enabled = on);
                true
            }
            "account_status" => {
                self.change_account_status(text("type")?);
                true
            }
            "receive" => {
                let mail = inbound::InboundMail::new(text("from")?, text("to")?, text("subject")?);
                self.receive(&mail.with_text(given("text").unwrap_or_default()))
            }
            "validation_key" => return Ok(json!({ "api_key": self.validation_key() })),
            "restricted_key" => {
                let scopes = input.get("scopes").and_then(Value::as_array).ok_or("scopes must be a list")?;
                let scopes: Vec<_> = scopes.iter().filter_map(Value::as_str).collect();
                return Ok(json!({ "api_key": self.restricted_key(&scopes) }));
            }
            "subuser" => return Ok(json!({ "api_key": self.add_subuser(text("username")?) })),
            "preview" => {
                let data = input.get("data").cloned().unwrap_or_else(|| json!({}));
                let shown = self.preview(text("template_id")?, &data);
                return shown.ok_or_else(|| "there is no such template, or no active version".to_owned());
            }
            _ => return Err(format!("no action is called {action:?}")),
        };
        if done {
            Ok(json!({ "done": action }))
        } else {
            Err(format!("{action}: there is nothing to do it to"))
        }
    }
}

#[cfg(feature = "server")]
fn fate(word: &str, input: &Value) -> Result<Fate, String> {
    let times = input.get("times").and_then(Value::as_u64).unwrap_or(1);
    Ok(match word {
        "deliver" => Fate::Deliver,
        "bounce" => Fate::Bounce,
        "block" => Fate::Block,
        "invalid" => Fate::Invalid,
        "silent" => Fate::Silent,
        "defer" => Fate::Defer(u32::try_from(times).map_err(|_| "times is too large")?),
        _ => return Err(format!("no fate is called {word:?}")),
    })
}
