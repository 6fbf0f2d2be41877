//! Which of a vendor's hosts a recording speaks to.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// How many leading path segments a stand-in may put before the vendor's path.
const LONGEST_PREFIX: usize = 2;

/// The path, and what remains of it after each prefix that a stand-in may have put before it.
pub(super) fn tails(segments: &[String]) -> impl Iterator<Item = &[String]> {
    splits(segments).map(|(_, tail)| tail)
}

fn splits(segments: &[String]) -> impl Iterator<Item = (&[String], &[String])> {
    (0..=LONGEST_PREFIX)
        .filter_map(|skip| segments.split_at_checked(skip))
        .filter(|(_, tail)| !tail.is_empty())
}

/// The readings of a host and path, most literal first: the hosts in question, and the path under them. `None` for a
/// host that is neither the vendor's nor a stand-in's.
pub(super) fn routes<'a>(
    host: &str,
    segments: &'a [String],
    known: &BTreeSet<String>,
) -> Option<Vec<(BTreeSet<String>, &'a [String])>> {
    let only = |host: &str| BTreeSet::from([host.to_owned()]);
    if known.contains(host) {
        return Some(vec![(only(host), segments)]);
    }
    if let Some(global) = without_region(host).filter(|global| known.contains(global)) {
        return Some(vec![(only(&global), segments)]);
    }
    if !is_stand_in(host) {
        return None;
    }
    let named = |skipped: &[String]| -> BTreeSet<String> {
        let label = skipped.last().map_or("", String::as_str);
        let fits = |host: &&String| *host == label || host.split('.').next() == Some(label);
        let hosts: BTreeSet<_> = known.iter().filter(fits).cloned().collect();
        if hosts.is_empty() { known.clone() } else { hosts }
    };
    let readings = splits(segments).map(|(prefix, tail)| (named(prefix), tail));
    Some(readings.collect())
}

/// `api.dublin.ie1.example.com` is `api.example.com` in another region.
fn without_region(host: &str) -> Option<String> {
    let labels: Vec<_> = host.split('.').collect();
    match labels.as_slice() {
        [product, _, .., domain, top] if labels.len() > 3 => Some(format!("{product}.{domain}.{top}")),
        _ => None,
    }
}

fn is_stand_in(host: &str) -> bool {
    let loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let reserved = ["localhost", "test", "example", "invalid"];
    loopback || host.is_empty() || host.rsplit('.').next().is_some_and(|top| reserved.contains(&top))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(host: &str, path: &str) -> Option<Vec<(String, String)>> {
        let known = ["api.vendor.com", "verify.vendor.com"].map(str::to_owned).into();
        let segments: Vec<_> = path.split('/').map(str::to_owned).collect();
        let routes = routes(host, &segments, &known)?;
        let spell = |(hosts, tail): (BTreeSet<String>, &[String])| {
            (hosts.into_iter().collect::<Vec<_>>().join(","), tail.join("/"))
        };
        Some(routes.into_iter().map(spell).collect())
    }

    #[test]
    fn hosts_regions_stand_ins_and_strangers() {
        let api = vec![("api.vendor.com".to_owned(), "v1/a".to_owned())];
        assert_eq!(read("api.vendor.com", "v1/a"), Some(api.clone()));
        assert_eq!(read("api.dublin.ie1.vendor.com", "v1/a"), Some(api));
        assert_eq!(read("api.vendor.co", "v1/a"), None);
        assert_eq!(read("192.0.2.1", "v1/a"), None);
        let prefixed = read("127.0.0.1", "verify/v1/a").unwrap();
        assert_eq!(prefixed[1], ("verify.vendor.com".to_owned(), "v1/a".to_owned()));
        assert_eq!(read("localhost", "vendor/v1/a").unwrap()[1].0, "api.vendor.com,verify.vendor.com");
    }
}
