//! What an account does by itself when its time moves on.

use super::state::{Account, Later};
use super::{
    billing, capture, charges, checkout_sessions, disputes, invoice_life, invoice_payments, payouts, refunds,
    test_clocks,
};

/// How much may fall due in one move of time; the rest waits for the next.
const MOST_AT_ONCE: usize = 20_000;

/// Moves an account to the present: what fell due meanwhile happens, in order, each at its own time.
pub(super) fn advance(account: &mut Account, now: u64) {
    run(account, None, now);
    account.now = now;
}

/// The same for what was planned on one test clock, or on none.
pub(super) fn run(account: &mut Account, clock: Option<&str>, until: u64) {
    for _ in 0..MOST_AT_ONCE {
        let Some(due) = account.next_due(clock, until) else { return };
        carry_out(account, due);
    }
}

fn carry_out(account: &mut Account, due: Later) {
    match due {
        Later::Expire(id) => capture::expire(account, &id),
        Later::SettleCharge(id) => charges::settle(account, &id),
        Later::FailRefund(id) => {
            refunds::complete(account, &id, false);
        }
        Later::SucceedRefund(id) => {
            refunds::complete(account, &id, true);
        }
        Later::Bill(id) => billing::wake(account, &id),
        Later::ExpireIncomplete(id) => billing::expire_incomplete(account, &id),
        Later::DropPendingUpdate(id) => billing::drop_pending_update(account, &id),
        Later::Finalize(id) => invoice_life::finalize_when_due(account, &id),
        Later::RetryPayment(id) => invoice_payments::retry(account, &id),
        Later::AdvanceClock(id) => test_clocks::arrive(account, &id),
        Later::ExpireSession(id) => checkout_sessions::lapse(account, &id),
        Later::OpenDispute(id) => disputes::open(account, &id),
        Later::DecideDispute(id) => disputes::decide(account, &id),
        Later::LapseDispute(id) => disputes::lapse(account, &id),
        Later::ArrivePayout(id) => payouts::arrive(account, &id),
    }
}
