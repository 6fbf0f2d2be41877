//! What every sandbox binary understands on its command line.

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::Sandbox;

/// The command line of a sandbox binary.
#[derive(Debug, Clone, Copy, Parser)]
#[command(disable_version_flag = true)]
pub struct Args {
    /// Calls every operation of the typed client once, with every optional parameter that goes with the others
    ///
    /// Ids come from earlier answers, or are placeholders. An operation that fails does not stop the run.
    #[arg(long, conflicts_with = "list")]
    all: bool,
    /// Names the operations that --all calls, one a line; sends nothing and needs no key
    #[arg(long)]
    list: bool,
}

/// What a sandbox binary is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The usual flow.
    Usual,
    /// Every operation once.
    All,
    /// The names of the operations.
    List,
}

impl Args {
    /// Reads the command line of this process. After `--help` and after a mistake it shows help and ends the process.
    pub fn read(sandbox: &Sandbox) -> Self {
        let command = Self::command()
            .name(sandbox.name)
            .about(format!("Against sandbox keys or a stand-in: {}", sandbox.flow))
            .after_help(format!(
                "A line shows operation, method and path, status and outcome. A failure that is no operation's own \
                 goes to the error output.\n\nThe exit status is 0 when every operation was answered with success, 1 when one was not or the \
                 run could not begin, 2 for a command line that is not understood.\n\nKeys come from the environment; \
                 run without any to see the variables. {}_BASE_URL sends the calls to a stand-in.\nTest keys: {}",
                sandbox.prefix, sandbox.keys
            ));
        let matches = command.get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|mistake| mistake.exit())
    }

    /// What the command line asks for.
    pub fn task(self) -> Task {
        match (self.all, self.list) {
            (_, true) => Task::List,
            (true, false) => Task::All,
            (false, false) => Task::Usual,
        }
    }
}
