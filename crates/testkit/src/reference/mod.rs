//! A provider in memory, with every capability: the shape of an adapter, and the proof that the suites can fail.
//!
//! It keeps real state (an authorization is captured once, a refund cannot exceed what is left, a key is remembered for
//! a day), sends nothing and needs no network, no clock and no key of anybody's. Use it in examples, in tests of code
//! that takes `dyn PaymentGateway`, and to try a new conformance case.
//!
//! # Magic inputs
//!
//! | Token (kind `reference_token`) | Card | What happens |
//! |---|---|---|
//! | `tok_approve` | 4242 4242 4242 4242 | approved |
//! | `tok_decline` | 4000 0000 0000 0002 | declined |
//! | `tok_partial` | 4000 0000 0000 9995 | half is approved where a part is allowed, else declined |
//! | `tok_action` | 4000 0025 0000 3155 | the payer must act; the return address's `result` is `ok` or `failed` |
//! | `tok_held` | 4000 0000 0000 9235 | held for review |
//! | `tok_lose_answer` | 4000 0000 0000 0119 | approved, and the answer is lost |
//! | `tok_open_hold` | 4000 0000 0000 0259 | declined, with a reservation left behind |
//!
//! Bank accounts are accepted and settle later: any number is collected, `000111111113` comes back after it settled,
//! `000111111116` is declined. Any other card is approved; any other token is refused. Vendor plans: `plan_basic`.
//!
//! # Bank data
//!
//! There is one bank, `ref_bank_1`. [`ReferenceVendor`] plays the person ([`person_links`](ReferenceVendor::person_links),
//! [`person_mends`](ReferenceVendor::person_mends)) and the bank: a fresh link has no transactions; the first
//! [`bank_day`](ReferenceVendor::bank_day) brings the last weeks, the second the rest, and each later one posts what was
//! pending, corrects one, takes one back and brings new ones. A day that passes between two pages voids the pages.

mod bank_books;
mod bank_data;
mod books;
mod fixture;
mod gateway;
mod magic;
mod movements;
mod outbox;
mod provider;
mod senders;
mod subscriptions;
mod vendor;
mod webhook;

pub use fixture::ReferenceFixture;
pub use provider::{ReferenceProvider, TOKEN_KIND};
pub use vendor::ReferenceVendor;

/// A defect on purpose. A suite that stays green with one of these cannot fail, and proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bug {
    /// The same key charges again.
    ForgetsKeys,
    /// The same key with another amount answers as if it were the first request.
    IgnoresChangedAmount,
    /// A decline is an approval.
    ApprovesDeclines,
    /// A decline is an error.
    DeclinesAreErrors,
    /// One minor unit more than asked for is taken, and the answer does not say so.
    TakesMore,
    /// More than was authorized can be captured.
    CapturesTooMuch,
    /// More than was captured can be refunded.
    RefundsTooMuch,
    /// A void answers well and releases nothing.
    VoidsNothing,
    /// A second void is an error.
    RefusesSecondVoid,
    /// A hold for review is an approval.
    ApprovesHeld,
    /// A rejected review is charged all the same.
    IgnoresDecision,
    /// A payer who failed to authenticate is charged all the same.
    IgnoresPayer,
    /// A lost answer claims that nothing happened.
    DeniesLostAnswers,
    /// Looking an attempt up finds nothing, and claims that this proves something.
    LooksNowhere,
    /// Looking an attempt up finds a payment of somebody else.
    FindsAnything,
    /// A part of the amount is approved although nobody allowed it.
    ApprovesPartsUnasked,
    /// Metadata does not arrive.
    DropsMetadata,
    /// A stored method can be charged after it was removed.
    KeepsRemovedMethods,
    /// Removing a method twice is an error.
    RefusesSecondUnstore,
    /// Preflight sees no problem with any text.
    BlindPreflight,
    /// Text is changed to fit, and nobody is told.
    FitsSilently,
    /// The settlement report has other amounts.
    SettlesOtherAmounts,
    /// The settlement report ignores which batch was asked for.
    MixesBatches,
    /// A card number stands in a payment's status.
    LeaksCard,
    /// A token is logged.
    LogsToken,
    /// The API key is logged by the connection test.
    LogsKey,
    /// Keys of the other environment are accepted.
    MixesEnvironments,
    /// Connecting already talks to the vendor.
    SendsOnConnect,
    /// The connection test passes whatever the key.
    PassesEveryTest,
    /// The connection lacks subscriptions, which the definition declares.
    LacksSubscriptions,
    /// The same key starts a second subscription.
    SubscribesTwice,
    /// Ending a subscription does not end it.
    KeepsSubscriptions,
    /// Webhooks are accepted with a built-in secret when none is configured.
    ReceivesWithoutSecret,
    /// The previous webhook secret is refused at once.
    ForgetsPreviousSecret,
    /// A webhook's signed time is not looked at.
    IgnoresSignedTime,
    /// Webhook events have no id.
    NamelessEvents,
    /// The call panics.
    Panics,
    /// What is not declared is sent all the same.
    SendsUndeclared,
    /// Account numbers are declared, and refused.
    DeclaresTooMuch,
    /// A session is made that is for no product.
    LinksForNothing,
    /// An exchange whose answer was lost is sent again.
    RepeatsExchange,
    /// A session to mend is one to link.
    RepairsByLinking,
    /// Balances of accounts that were not asked for are told.
    TellsAllBalances,
    /// Any id is the id of a bank.
    KnowsEveryBank,
    /// Money that left came in.
    FlipsSigns,
    /// Amounts are cut to cents.
    RoundsAmounts,
    /// A posted transaction does not say which pending one it replaces.
    ForgetsReplaced,
    /// Transactions that were taken back are kept.
    DropsRemoved,
    /// The first page is told to be the last.
    EndsPagesEarly,
    /// Nothing is ready, and there is a cursor to store.
    PointsNowhere,
    /// Pages go on although the data changed under them.
    HidesChangesWhilePaging,
    /// Every page is one since the beginning.
    ForgetsCursors,
    /// A cursor of any link is taken for the link's own.
    SharesCursors,
    /// A page that could not be read is an empty last one.
    CommitsLostPages,
    /// A page whose reading was given up counts as read.
    SkipsAfterDrops,
    /// What one account has, another is told to have.
    ConfusesAccounts,
    /// A session does not say who the person is.
    AnonymousSessions,
    /// An exchange forgets the token.
    LinksWithoutToken,
    /// An exchange can be repeated, and makes another link each time.
    ExchangesTwice,
    /// A fresh link needs its person to sign in.
    WakesSick,
    /// Every link is healthy.
    FeelsHealthy,
    /// A link whose state cannot be asked for is healthy.
    GuessesState,
    /// A vendor that fails is a person who must sign in.
    BlamesTheLink,
    /// Ending a link does not end it.
    KeepsLinks,
    /// Ending a link twice is an error.
    RefusesSecondDisconnect,
    /// Pushes do not name the link that they are about.
    UnnamedItems,
    /// No push says that a link was mended.
    QuietRepairs,
    /// No push says that there are transactions.
    QuietBank,
    /// An access token is logged.
    LogsBankToken,
    /// An account number is logged.
    LogsAccountNumber,
    /// An account's owner is logged.
    NamesOwners,
    /// A message that was taken is said to have arrived.
    ClaimsArrival,
    /// A message whose answer was lost is sent again.
    SendsAgain,
    /// A refused message is sent again.
    InsistsOnRefused,
    /// A refused recipient is an error.
    RefusalsAreErrors,
    /// A refusal does not say why.
    RefusesWithoutReason,
    /// The attempt's id does not travel with a message.
    UnmarkedMessages,
    /// Pushes do not carry the attempt's id.
    UnmarkedPushes,
    /// Pushes of messages that did not arrive say that they did.
    PushesGoodNews,
    /// Pushes of failures do not say why.
    PushesWithoutReason,
    /// The state of a message does not change.
    StaleStatus,
    /// Any message has a state.
    InventsStatus,
    /// Templates are declared, and refused.
    RefusesTemplates,
    /// Pictures and attached files do not arrive.
    DropsFiles,
    /// Those who should get a copy do not.
    DropsCopies,
    /// A scheduled message is sent at once.
    SendsAtOnce,
    /// A message that is called back is sent all the same.
    CancelsNothing,
    /// Calling a message back twice is an error.
    RefusesSecondCancel,
    /// A message that has left can be called back, it is said.
    CancelsWhatLeft,
    /// The vendor takes messages for those who ended them.
    ForgetsWhoEnded,
    /// The host's gate is not asked.
    SkipsGate,
    /// The host's store is not asked.
    SkipsStore,
    /// A vendor that fails is a refused recipient.
    BlamesRecipients,
    /// A recipient is logged.
    LogsRecipients,
    /// What a message says is logged.
    LogsTexts,
}
