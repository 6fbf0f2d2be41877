//! Judges recorded requests by the vendors' own machine-readable descriptions.
//!
//! Every request under `fixtures/<provider>/requests` is matched to its operation, and path, method, parameters and
//! body are held against what the vendor publishes: OpenAPI documents, and for Authorize.Net an XML schema whose
//! sequences also order the JSON. The descriptions are the vendors' and stay outside this repository; a folder of them
//! is an argument of [`check`]. A parameter that no description knows fails, unless the list of newer parameters
//! names the vendor's page about it.

mod form;
mod format;
mod host;
mod http_message;
mod load;
mod newer;
mod node;
mod openapi;
mod report;
mod samples;
mod schema;
mod xsd;

use std::path::Path;

pub use self::report::{Finding, Report};
pub use self::samples::{Sample, samples};

use self::http_message::Request;
use self::newer::Newer;
use self::report::Problem;

/// What describes the requests of one fixture folder.
struct Provider {
    folders: &'static [&'static str],
    described: Described,
    /// What the pages of the vendor begin with.
    pages: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Described {
    /// An OpenAPI document, or one object of several.
    OpenApi(&'static str),
    /// An XML schema; requests are JSON in its order.
    Xsd(&'static str),
    /// The vendor publishes prose only.
    Nowhere,
}

const PROVIDERS: &[Provider] = &[
    Provider {
        folders: &["stripe"],
        described: Described::OpenApi("stripe.json"),
        pages: &["https://docs.stripe.com/", "https://stripe.com/docs/", "https://github.com/stripe/"],
    },
    Provider {
        folders: &["plaid"],
        described: Described::OpenApi("plaid.json"),
        pages: &["https://plaid.com/docs/", "https://github.com/plaid/"],
    },
    Provider {
        folders: &["twilio"],
        described: Described::OpenApi("twilio.json"),
        pages: &["https://www.twilio.com/docs/", "https://github.com/twilio/"],
    },
    Provider {
        folders: &["sendgrid"],
        described: Described::OpenApi("sendgrid.json"),
        pages: &[
            "https://www.twilio.com/docs/sendgrid/",
            "https://docs.sendgrid.com/",
            "https://github.com/sendgrid/",
            "https://github.com/twilio/",
        ],
    },
    Provider {
        folders: &["authorize_net", "authnet"],
        described: Described::Xsd("AnetApiSchema.xsd"),
        pages: &["https://developer.authorize.net/", "https://github.com/AuthorizeNet/"],
    },
    Provider { folders: &["nmi"], described: Described::Nowhere, pages: &[] },
    Provider { folders: &["paypal_payflow", "payflow"], described: Described::Nowhere, pages: &[] },
];

impl Provider {
    fn of_folder(folder: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.folders.contains(&folder))
    }
}

/// How a description judged one request.
enum Verdict {
    /// No operation fits; `operation` is what the request asked for.
    Unmatched { operation: String, problem: Problem },
    /// `operation` as the description spells it.
    Matched { operation: String, problems: Vec<Problem> },
}

/// Holds every `fixtures/<provider>/requests/**/*.http` against the descriptions in the folder `specs` (`.json`,
/// `.xsd`, or the same with `.xz`), except what the file `newer` lists.
///
/// Reports everything at once: deviations, unreadable recordings, missing descriptions, providers without a
/// description in the table, and entries of `newer` that nothing needed. Files are read up to 64 MiB; nothing is
/// fetched.
///
/// ```no_run
/// use std::path::Path;
///
/// let report = turnbuckle_testkit::spec::check(
///     Path::new("fixtures"),
///     Path::new("/srv/descriptions"),
///     Path::new("spec-newer.toml"),
/// );
/// assert!(report.is_clean(), "{report}");
/// ```
pub fn check(fixtures: &Path, specs: &Path, newer: &Path) -> Report {
    let mut report = Report::default();
    let list = Newer::read(newer, &mut report);
    match load::entries(fixtures) {
        Ok(folders) => {
            for folder in folders.iter().filter(|folder| folder.join("requests").is_dir()) {
                check_provider(folder, specs, &list, &mut report);
            }
        }
        Err(says) => report.add(&fixtures.display().to_string(), "", Problem::new("", "file", says)),
    }
    list.report_unused(newer, &mut report);
    report.sort();
    report
}

fn check_provider(folder: &Path, specs: &Path, newer: &Newer, report: &mut Report) {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let recordings = match load::recordings(&folder.join("requests")) {
        Ok(recordings) => recordings,
        Err(says) => return report.add(&name, "", Problem::new("", "file", says)),
    };
    let mut session = Session { provider: &name, newer, report, recordings: &recordings, root: folder };
    let Some(provider) = Provider::of_folder(&name) else {
        let says = "no description is assigned to this folder; add it to the table of providers";
        return session.report.add(&name, "", Problem::new("", "provider", says));
    };
    let outcome = match provider.described {
        _ if recordings.is_empty() => Ok(()),
        Described::Nowhere => {
            session.report.count_undescribed(&name, recordings.len());
            Ok(())
        }
        Described::OpenApi(file) => load::text(specs, file)
            .and_then(|text| openapi::Descriptions::read(&text))
            .map(|descriptions| session.judge(|request| descriptions.judge(request))),
        Described::Xsd(file) => load::text(specs, file).and_then(|text| {
            let document =
                roxmltree::Document::parse(&text).map_err(|error| format!("{file} is not XML: {error}"))?;
            let schema = xsd::Schema::read(&document);
            session.judge(|request| schema.judge(request));
            Ok(())
        }),
    };
    if let Err(says) = outcome {
        report.add(&name, "", Problem::new("", "description", says));
    }
}

/// The recordings of one provider.
struct Session<'a> {
    provider: &'a str,
    newer: &'a Newer,
    report: &'a mut Report,
    recordings: &'a [std::path::PathBuf],
    root: &'a Path,
}

impl Session<'_> {
    fn judge(&mut self, description: impl Fn(&Request) -> Verdict) {
        for path in self.recordings {
            let inner = path.strip_prefix(self.root).unwrap_or(path);
            let file = format!("{}/{}", self.provider, inner.display());
            let request = std::fs::read(path)
                .map_err(|error| format!("the file cannot be read: {error}"))
                .and_then(|bytes| Request::parse(&bytes));
            let request = match request {
                Ok(request) => request,
                Err(says) => {
                    self.report.add(&file, "", Problem::new("", "message", says));
                    continue;
                }
            };
            self.report.count_judged(self.provider);
            match description(&request) {
                Verdict::Unmatched { operation, problem } => {
                    if !self.newer.covers_operation(self.provider, &operation, &request) {
                        self.report.add(&file, &operation, problem);
                    }
                }
                Verdict::Matched { operation, problems } => {
                    if self.newer.displaces(self.provider, &operation, &request) {
                        continue;
                    }
                    for problem in problems {
                        if !self.newer.covers(self.provider, &operation, &problem) {
                            self.report.add(&file, &operation, problem);
                        }
                    }
                }
            }
        }
    }
}
