//! What Plaid sells, in its words.

use crate::words::string_enum;

string_enum! {
    /// A product (<https://plaid.com/docs/api/link/>). Those that this crate has calls for, and every other as a word.
    Product {
        /// Account and routing numbers.
        Auth = "auth",
        /// Live balances. Never asked for: it comes with every other product.
        Balance = "balance",
        /// Who owns the accounts.
        Identity = "identity",
        /// Comparing owners with what the host knows.
        IdentityMatch = "identity_match",
        /// Holdings and trades.
        Investments = "investments",
        /// Loans and cards: terms and what is due.
        Liabilities = "liabilities",
        /// Streams of payments that repeat.
        RecurringTransactions = "recurring_transactions",
        /// Transactions.
        Transactions = "transactions",
        /// Asking a bank for new transactions at once.
        TransactionsRefresh = "transactions_refresh",
    }
}
