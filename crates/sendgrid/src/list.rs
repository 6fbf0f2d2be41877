//! Lists: one page, or every object as a stream.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, ErrorKind, Result};
use url::Url;

use crate::SendGrid;
use crate::client::PROVIDER;

/// Most pages of one stream: lists that do not end are noticed.
const MOST_PAGES: u32 = 100_000;

/// One page of a list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The objects, in SendGrid's order.
    pub items: Vec<T>,
    /// Whether more may follow. Where SendGrid does not say, a full page counts as one that something follows.
    pub has_more: bool,
    next: Option<String>,
}

/// What a list asks of its objects.
pub(crate) trait Listed {
    /// The number by which the next page is asked for, where the list goes by one.
    fn number(&self) -> Option<u64> {
        None
    }
}

/// How the next page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// By how many came before. The page is an array.
    Offset,
    /// By a token that the page names. The page is an object with `result`.
    Token,
    /// By the last object's number. The page is an object with `results`.
    LastSeen,
}

impl Paging {
    fn parameter(self) -> &'static str {
        match self {
            Self::Offset => "offset",
            Self::Token => "page_token",
            Self::LastSeen => "lastSeenID",
        }
    }
}

/// A list that is ready to be asked for.
///
/// ```no_run
/// use turnbuckle_sendgrid::{ListSuppressions, SendGrid, SuppressionList};
///
/// # async fn newest(sendgrid: &SendGrid) -> turnbuckle_core::Result<()> {
/// let suppressions = sendgrid.suppressions();
/// let page = suppressions.list(SuppressionList::Bounces, &ListSuppressions::new()).page().await?;
/// assert!(page.items.len() <= 500);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked for until `page` or `stream` is called"]
pub struct ListRequest<T> {
    client: SendGrid,
    operation: &'static Operation,
    target: Result<Target>,
    decoded: PhantomData<fn() -> T>,
}

#[derive(Debug, Clone)]
struct Target {
    path: &'static str,
    query: Vec<(&'static str, String)>,
    paging: Paging,
    size: u32,
}

impl<T> ListRequest<T> {
    /// A list by pages of this size, which stands in the query under `size_name`.
    pub(crate) fn new(
        client: &SendGrid,
        operation: &'static Operation,
        path: &'static str,
        paging: Paging,
        (size_name, size, most): (&'static str, u32, u32),
        mut query: Vec<(&'static str, String)>,
    ) -> Self {
        let target = if (1..=most).contains(&size) {
            query.push((size_name, size.to_string()));
            Ok(Target { path, query, paging, size })
        } else {
            let problem = format!("must be from 1 to {most}");
            Err(Error::invalid_field(size_name, problem).or_context(&PROVIDER, operation.name))
        };
        Self { client: client.clone(), operation, target, decoded: PhantomData }
    }
}

#[allow(private_bounds, reason = "only the lists of this crate are lists of SendGrid's")]
impl<T: DeserializeOwned + Listed + Send + 'static> ListRequest<T> {
    /// The first page.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when the page size is out of bounds; nothing is sent then.
    pub async fn page(self) -> Result<Page<T>> {
        fetch(self.client, self.operation, self.target?, None).await
    }

    /// Every object, page by page, as far as it is asked for. After an error it ends. The next page is always asked for
    /// at the same host and path: of what a page says about it, only the token is used.
    pub fn stream(self) -> ListStream<T> {
        let next = match self.target {
            Ok(target) => Next::Ask(target, None),
            Err(error) => Next::Refused(error),
        };
        ListStream {
            client: self.client,
            operation: self.operation,
            next,
            ready: Vec::new().into_iter(),
            last: None,
            pages: 0,
        }
    }
}

impl<T> fmt::Debug for ListRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListRequest").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Wrapped<T> {
    #[serde(alias = "results")]
    result: Vec<T>,
    #[serde(default, rename = "_metadata")]
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    next: Option<String>,
}

async fn fetch<T: DeserializeOwned + Listed>(
    client: SendGrid,
    operation: &'static Operation,
    target: Target,
    cursor: Option<String>,
) -> Result<Page<T>> {
    let mut query = target.query.clone();
    let before = cursor.clone();
    query.extend(cursor.map(|cursor| (target.paging.parameter(), cursor)));
    let (items, next) = match target.paging {
        Paging::Offset => {
            let items: Vec<T> = client.get(operation, target.path, &query).await?;
            let seen = before.and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
            let next = (items.len() >= target.size as usize).then(|| (seen + items.len()).to_string());
            (items, next)
        }
        Paging::Token => {
            let page: Wrapped<T> = client.get(operation, target.path, &query).await?;
            let next = page.metadata.and_then(|metadata| metadata.next).filter(|next| !next.is_empty());
            let next = next.map(|next| token(&next).ok_or_else(|| astray(operation))).transpose()?;
            (page.result, next)
        }
        Paging::LastSeen => {
            let page: Wrapped<T> = client.get(operation, target.path, &query).await?;
            let full = page.result.len() >= target.size as usize;
            let last = page.result.last().and_then(Listed::number).filter(|_| full);
            (page.result, last.map(|number| number.to_string()))
        }
    };
    Ok(Page { items, has_more: next.is_some(), next })
}

/// The token in the address of the next page.
fn token(next: &str) -> Option<String> {
    let base = Url::parse("https://api.sendgrid.com/").ok()?;
    let url = base.join(next).ok()?;
    url.query_pairs().find(|(name, _)| name == "page_token").map(|(_, token)| token.into_owned())
}

fn astray(operation: &Operation) -> Error {
    Error::new(ErrorKind::InvalidResponse, "a page says that more follow, and does not lead there")
        .or_context(&PROVIDER, operation.name)
}

/// Every object of a list: [`ListRequest::stream`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct ListStream<T> {
    client: SendGrid,
    operation: &'static Operation,
    next: Next<T>,
    ready: vec::IntoIter<T>,
    last: Option<String>,
    pages: u32,
}

/// Where the next object comes from when no page is at hand.
enum Next<T> {
    /// The request was refused before it was sent.
    Refused(Error),
    /// A page is still to be asked for.
    Ask(Target, Option<String>),
    /// A page is being fetched.
    Fetching(Target, Pin<Box<dyn Future<Output = Result<Page<T>>> + Send>>),
    /// There is nothing else.
    End,
}

impl<T> ListStream<T> {
    /// Takes a page in, and says where the one after it is.
    fn accept(&mut self, target: Target, page: Page<T>) -> Result<Next<T>> {
        self.pages += 1;
        let circles = page.next.is_some() && page.next == self.last;
        if circles || (page.next.is_some() && self.pages >= MOST_PAGES) {
            return Err(astray(self.operation));
        }
        self.last.clone_from(&page.next);
        self.ready = page.items.into_iter();
        Ok(page.next.map_or(Next::End, |cursor| Next::Ask(target, Some(cursor))))
    }
}

#[allow(private_bounds, reason = "only the lists of this crate are lists of SendGrid's")]
impl<T: DeserializeOwned + Listed + Send + Unpin + 'static> Stream for ListStream<T> {
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
                Next::Ask(target, cursor) => {
                    let page = fetch(this.client.clone(), this.operation, target.clone(), cursor);
                    Next::Fetching(target, Box::pin(page))
                }
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
        f.debug_struct("ListStream").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}
