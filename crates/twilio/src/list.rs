//! Lists: one page, or every object as a stream.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, ErrorKind, Result};
use url::Url;

use crate::Twilio;
use crate::client::PROVIDER;
use crate::form::Form;
use crate::hosts::Product;

/// One page of a list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The objects, in Twilio's order.
    pub items: Vec<T>,
    /// Whether more follow.
    pub has_more: bool,
    next: Option<String>,
}

/// A list that is ready to be asked for.
///
/// ```no_run
/// use turnbuckle_twilio::{ListMessages, Twilio};
///
/// # async fn newest(twilio: &Twilio) -> turnbuckle_core::Result<()> {
/// let page = twilio.messages().list(&ListMessages::new().with_page_size(3)).page().await?;
/// assert!(page.items.len() <= 3);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked for until `page` or `stream` is called"]
pub struct ListRequest<T> {
    twilio: Twilio,
    operation: &'static Operation,
    target: Result<Target>,
    decoded: PhantomData<fn() -> T>,
}

/// Where a list is, and under which name its objects stand in a page.
#[derive(Debug, Clone)]
struct Target {
    product: Product,
    path: String,
    key: &'static str,
    query: String,
}

impl<T> ListRequest<T> {
    /// The most objects that a page may be asked for.
    pub const MAX_PAGE_SIZE: u32 = 1000;

    pub(crate) fn new(
        twilio: &Twilio,
        operation: &'static Operation,
        product: Product,
        path: Result<String>,
        key: &'static str,
        mut query: Form,
        page_size: Option<u32>,
    ) -> Self {
        let target = path.and_then(|path| {
            if page_size.is_some_and(|size| !(1..=Self::MAX_PAGE_SIZE).contains(&size)) {
                return Err(Error::invalid_field("PageSize", "must be from 1 to 1000"));
            }
            query.number("PageSize", page_size);
            Ok(Target { product, path, key, query: query.as_str().to_owned() })
        });
        let target = target.map_err(|error| error.or_context(&PROVIDER, operation.name));
        Self { twilio: twilio.clone(), operation, target, decoded: PhantomData }
    }
}

impl<T: DeserializeOwned + Send + 'static> ListRequest<T> {
    /// The first page.
    ///
    /// # Errors
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when the page size is not 1 to 1000; nothing is sent then.
    pub async fn page(self) -> Result<Page<T>> {
        let target = self.target?;
        fetch(self.twilio, self.operation, target.clone(), target.query).await
    }

    /// Every object, page by page, as far as it is asked for. After an error it ends.
    ///
    /// Pages name the one that follows. It is asked for at the host and path of the first one, with the credentials of
    /// this client; a page that leads to another host or path is an error, and nothing is sent there.
    ///
    /// ```no_run
    /// use futures_util::TryStreamExt;
    /// use turnbuckle_twilio::{ListMessages, Twilio};
    ///
    /// # async fn count(twilio: &Twilio) -> turnbuckle_core::Result<u32> {
    /// let messages = twilio.messages().list(&ListMessages::new()).stream();
    /// messages.try_fold(0, async |sum, message| Ok(sum + message.num_segments.unwrap_or_default())).await
    /// # }
    /// ```
    pub fn stream(self) -> ListStream<T> {
        let next = match self.target {
            Ok(target) => {
                let query = target.query.clone();
                Next::Ask(target, query)
            }
            Err(error) => Next::Refused(error),
        };
        ListStream {
            twilio: self.twilio,
            operation: self.operation,
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

async fn fetch<T: DeserializeOwned>(
    twilio: Twilio,
    operation: &'static Operation,
    target: Target,
    query: String,
) -> Result<Page<T>> {
    let response = twilio.get_raw(operation, target.product, &target.path, &query).await?;
    let unreadable = || {
        Error::new(ErrorKind::InvalidResponse, "the answer is not the list that was asked for")
            .with_http_status(response.status().as_u16())
            .or_context(&PROVIDER, operation.name)
    };
    let mut json = serde_json::Deserializer::from_slice(response.body());
    let raw = PageOf::<T> { key: target.key, decoded: PhantomData }
        .deserialize(&mut json)
        .and_then(|page| json.end().map(|()| page))
        .map_err(|_| unreadable())?;
    let items = raw.items.ok_or_else(unreadable)?;
    let next = match raw.next {
        Some(next) => Some(follow(&twilio, &target, &next).ok_or_else(|| astray(operation))?),
        None => None,
    };
    Ok(Page { items, has_more: next.is_some(), next })
}

/// The query of the page that follows, if it stays where this one was.
fn follow(twilio: &Twilio, target: &Target, next: &str) -> Option<String> {
    let base = Url::parse(twilio.hosts().base(target.product).ok()?.as_str()).ok()?;
    let url = base.join(next).ok()?;
    let stays = twilio.hosts().is_at_home(target.product, &url) && url.path().ends_with(&target.path);
    url.query().filter(|_| stays).map(str::to_owned)
}

fn astray(operation: &Operation) -> Error {
    Error::new(ErrorKind::InvalidResponse, "a page says that more follow, and does not lead there")
        .or_context(&PROVIDER, operation.name)
}

/// Every object of a list: [`ListRequest::stream`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct ListStream<T> {
    twilio: Twilio,
    operation: &'static Operation,
    next: Next<T>,
    ready: vec::IntoIter<T>,
    visited: Visited,
}

/// Where the next object comes from when no page is at hand.
enum Next<T> {
    /// The request was refused before it was sent.
    Refused(Error),
    /// A page is still to be asked for, with this query.
    Ask(Target, String),
    /// A page is being fetched.
    Fetching(Target, Pin<Box<dyn Future<Output = Result<Page<T>>> + Send>>),
    /// There is nothing else.
    End,
}

/// Remembers one query and moves on to later ones ever more rarely, so that pages which lead in a circle, however long,
/// are noticed at constant cost.
#[derive(Debug, Default)]
struct Visited {
    mark: Option<String>,
    pages: u64,
    renew_at: u64,
}

impl Visited {
    /// Whether this query came up before.
    fn repeats(&mut self, query: &str) -> bool {
        if self.mark.as_deref() == Some(query) {
            return true;
        }
        self.pages += 1;
        if self.pages > self.renew_at {
            self.renew_at = self.pages * 2;
            self.mark = Some(query.to_owned());
        }
        false
    }
}

impl<T> ListStream<T> {
    /// Takes a page in, and says where the one after it is.
    fn accept(&mut self, target: Target, page: Page<T>) -> Result<Next<T>> {
        let next = match page.next {
            None => Next::End,
            Some(query) if self.visited.repeats(&query) => return Err(astray(self.operation)),
            Some(query) => Next::Ask(target, query),
        };
        self.ready = page.items.into_iter();
        Ok(next)
    }
}

impl<T: DeserializeOwned + Send + Unpin + 'static> Stream for ListStream<T> {
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
                Next::Ask(target, query) => {
                    let page = fetch(this.twilio.clone(), this.operation, target.clone(), query);
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
        f.debug_struct("ListStream")
            .field("operation", &self.operation.name)
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}

/// Reads a page whose objects stand under `key`, without a detour that would round its numbers.
struct PageOf<T> {
    key: &'static str,
    decoded: PhantomData<fn() -> T>,
}

struct RawPage<T> {
    items: Option<Vec<T>>,
    next: Option<String>,
}

/// What newer products put around a page; the API of 2010 has the address at the top.
#[derive(Deserialize)]
struct Meta {
    next_page_url: Option<String>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for PageOf<T> {
    type Value = RawPage<T>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<RawPage<T>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for PageOf<T> {
    type Value = RawPage<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawPage<T>, A::Error> {
        let mut page = RawPage { items: None, next: None };
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                name if name == self.key => page.items = Some(map.next_value()?),
                "next_page_uri" => page.next = map.next_value()?,
                "meta" => page.next = map.next_value::<Meta>()?.next_page_url,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(page)
    }
}
