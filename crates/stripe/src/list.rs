//! Lists: one page, or every object as a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::form::Form;
use crate::object::null_default;
use crate::{CallOptions, Object, Stripe, form};

/// One page of a list or of a search.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct List<T> {
    /// The objects, newest first; searches have their own order.
    pub data: Vec<T>,
    /// Whether more follow.
    #[serde(default, deserialize_with = "null_default")]
    pub has_more: bool,
    /// Of a search: what to ask for the next page with.
    pub next_page: Option<String>,
}

/// A list or search that is ready to be asked for.
///
/// ```no_run
/// use turnbuckle_stripe::{ListRefunds, Stripe};
///
/// # async fn newest(stripe: &Stripe) -> turnbuckle_core::Result<()> {
/// let newest = stripe.refunds().list(&ListRefunds::new().with_limit(3)).page().await?;
/// assert!(newest.data.len() <= 3);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked for until `page` or `stream` is called"]
pub struct ListRequest<T> {
    stripe: Stripe,
    operation: &'static Operation,
    /// Path and query, or why there are none.
    target: Result<Target>,
    options: CallOptions,
    cursor: Cursor,
    decoded: std::marker::PhantomData<fn() -> T>,
}

#[derive(Clone)]
struct Target {
    path: String,
    query: String,
}

/// How the next page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// By the id of the last object.
    StartingAfter,
    /// By what the page says.
    Page,
}

impl Cursor {
    fn parameter(self) -> &'static str {
        match self {
            Self::StartingAfter => "starting_after",
            Self::Page => "page",
        }
    }
}

impl<T> ListRequest<T> {
    /// Objects in a page of a stream, unless the parameters say otherwise; the most that Stripe gives.
    const STREAM_LIMIT: &'static str = "100";

    pub(crate) fn list<P: Serialize + ?Sized>(
        stripe: &Stripe,
        operation: &'static Operation,
        path: &str,
        params: &P,
    ) -> Self {
        Self::list_below(stripe, operation, Ok(path.to_owned()), params)
    }

    pub(crate) fn list_below<P: Serialize + ?Sized>(
        stripe: &Stripe,
        operation: &'static Operation,
        path: Result<String>,
        params: &P,
    ) -> Self {
        Self::new(stripe, operation, path, params, Cursor::StartingAfter)
    }

    pub(crate) fn search<P: Serialize + ?Sized>(
        stripe: &Stripe,
        operation: &'static Operation,
        path: &str,
        params: &P,
    ) -> Self {
        Self::new(stripe, operation, Ok(path.to_owned()), params, Cursor::Page)
    }

    fn new<P: Serialize + ?Sized>(
        stripe: &Stripe,
        operation: &'static Operation,
        path: Result<String>,
        params: &P,
        cursor: Cursor,
    ) -> Self {
        let target = path.and_then(|path| {
            let query = form::encode(params)?;
            check_limit(&query)?;
            Ok(Target { path, query })
        });
        let options = CallOptions::new();
        Self { stripe: stripe.clone(), operation, target, options, cursor, decoded: std::marker::PhantomData }
    }

    /// Acts for a connected account, or asks for objects in full, with paths such as `data.latest_charge`.
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }
}

impl<T: DeserializeOwned> ListRequest<T> {
    /// One page: the first, or the one that the parameters point at.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when the limit is not 1 to 100; nothing is sent then.
    pub async fn page(self) -> Result<List<T>> {
        let Target { path, query } = self.target?;
        self.stripe.get_query(self.operation, &path, query, &self.options).await
    }
}

impl<T: DeserializeOwned + Object + Send + Unpin + 'static> ListRequest<T> {
    /// Every object from there on, page by page, as far as it is asked for. After an error it ends.
    ///
    /// ```no_run
    /// use futures_util::TryStreamExt;
    /// use turnbuckle_stripe::{ListCharges, Stripe};
    ///
    /// # async fn total(stripe: &Stripe) -> turnbuckle_core::Result<i64> {
    /// let charges = stripe.charges().list(&ListCharges::new().with_payment_intent("pi_123")).stream();
    /// charges.try_fold(0, async |sum, charge| Ok(sum + charge.amount_captured)).await
    /// # }
    /// ```
    pub fn stream(self) -> ListStream<T> {
        let next = match self.target {
            Ok(mut target) => {
                if pair(&target.query, "limit").is_none() {
                    append(&mut target.query, "limit", Self::STREAM_LIMIT);
                }
                Next::First(target)
            }
            Err(error) => Next::Refused(error),
        };
        ListStream {
            stripe: self.stripe,
            operation: self.operation,
            options: self.options,
            cursor: self.cursor,
            next,
            ready: Vec::new().into_iter(),
            visited: Visited::default(),
        }
    }
}

impl<T> fmt::Debug for ListRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListRequest").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}

/// Every object of a list or search: [`ListRequest::stream`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct ListStream<T> {
    stripe: Stripe,
    operation: &'static Operation,
    options: CallOptions,
    cursor: Cursor,
    next: Next<T>,
    ready: vec::IntoIter<T>,
    visited: Visited,
}

/// Where the next object comes from when no page is at hand.
enum Next<T> {
    /// The request was refused before it was sent.
    Refused(Error),
    /// The first page is still to be asked for.
    First(Target),
    /// A page is being fetched.
    Fetching(Target, Pin<Box<dyn Future<Output = Result<List<T>>> + Send>>),
    /// The page at hand has a successor, to be asked for with this cursor.
    More(Target, String),
    /// There is nothing else.
    End,
}

/// Remembers one cursor and moves on to later ones ever more rarely, so that pages which lead in a circle, however long,
/// are noticed at constant cost.
#[derive(Debug, Default)]
struct Visited {
    mark: Option<String>,
    pages: u64,
    renew_at: u64,
}

impl Visited {
    /// Whether this cursor came up before.
    fn repeats(&mut self, cursor: &str) -> bool {
        if self.mark.as_deref() == Some(cursor) {
            return true;
        }
        self.pages += 1;
        if self.pages > self.renew_at {
            self.renew_at = self.pages * 2;
            self.mark = Some(cursor.to_owned());
        }
        false
    }
}

impl<T: DeserializeOwned + Object + Send + Unpin + 'static> ListStream<T> {
    fn fetch(&self, target: Target, cursor: Option<String>) -> Next<T> {
        let mut query = target.query.clone();
        if let Some(cursor) = cursor {
            query = without(&query, self.cursor.parameter());
            append(&mut query, self.cursor.parameter(), &cursor);
        }
        let (stripe, operation) = (self.stripe.clone(), self.operation);
        let (options, path) = (self.options.clone(), target.path.clone());
        let page = async move { stripe.get_query(operation, &path, query, &options).await };
        Next::Fetching(target, Box::pin(page))
    }

    /// Takes a page in, and says where the one after it is.
    fn accept(&mut self, target: Target, page: List<T>) -> Result<Next<T>> {
        let cursor = match self.cursor {
            Cursor::StartingAfter => page.data.last().map(|object| object.id().to_owned()),
            Cursor::Page => page.next_page,
        };
        self.ready = page.data.into_iter();
        if !page.has_more {
            return Ok(Next::End);
        }
        match cursor {
            Some(cursor) if !self.visited.repeats(&cursor) => Ok(Next::More(target, cursor)),
            _ => {
                self.ready = Vec::new().into_iter();
                let message = "a page says that more follow, and does not lead there";
                Err(Error::new(ErrorKind::InvalidResponse, message)
                    .or_context(&crate::client::PROVIDER, self.operation.name))
            }
        }
    }
}

impl<T: DeserializeOwned + Object + Send + Unpin + 'static> Stream for ListStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let this = self.get_mut();
        loop {
            if let Some(object) = this.ready.next() {
                return Poll::Ready(Some(Ok(object)));
            }
            // Whatever returns from here without setting `next` again has ended the stream.
            this.next = match std::mem::replace(&mut this.next, Next::End) {
                Next::End => return Poll::Ready(None),
                Next::Refused(error) => return Poll::Ready(Some(Err(error))),
                Next::First(target) => this.fetch(target, None),
                Next::More(target, cursor) => this.fetch(target, Some(cursor)),
                Next::Fetching(target, mut page) => match page.as_mut().poll(context) {
                    Poll::Pending => {
                        this.next = Next::Fetching(target, page);
                        return Poll::Pending;
                    }
                    Poll::Ready(page) => match page.and_then(|page| this.accept(target, page)) {
                        Ok(next) => next,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    },
                },
            };
        }
    }
}

impl<T> fmt::Debug for ListStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListStream")
            .field("operation", &self.operation.name)
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}

fn pair<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

fn without(query: &str, name: &str) -> String {
    let others = query.split('&').filter(|pair| pair.split_once('=').is_none_or(|(key, _)| key != name));
    others.collect::<Vec<_>>().join("&")
}

fn append(query: &mut String, name: &str, value: &str) {
    let mut form = Form::new();
    form.pair(name, value);
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(&form.finish());
}

fn check_limit(query: &str) -> Result<()> {
    let in_range = |limit: &str| limit.parse().is_ok_and(|limit: u32| (1..=100).contains(&limit));
    match pair(query, "limit") {
        Some(limit) if !in_range(limit) => Err(Error::invalid_field("limit", "must be from 1 to 100")),
        _ => Ok(()),
    }
}
