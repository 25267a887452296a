//! The command line: every command, argument and environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Loads security logs, keeps them and finds what happened.
#[derive(Debug, Parser)]
#[command(name = "yagura", version, about, max_term_width = 100)]
pub struct Cli {
    /// Tell more on standard error (-vv: everything)
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Load log files into the embedded store
    Load(LoadArguments),
    /// Serve the web page and the API over the embedded store
    Serve(ServeArguments),
    /// Print the documents of one log file as JSON lines, loading nothing
    Parse(ParseArguments),
    /// Tell which log type an object key leads to, and why
    Explain(ExplainArguments),
    /// Draft a section of user.ini from a sample of a log
    InitLogtype(InitLogtypeArguments),
    /// Work with the configuration
    Config {
        /// What to do with it
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print what became of every object
    Ledger(LedgerArguments),
    /// List records that could not be loaded, or try them again
    DeadLetters(DeadLetterArguments),
    /// Manage who may sign in
    Users {
        /// What to do with users
        #[command(subcommand)]
        command: UsersCommand,
    },
}

/// Where the configuration and the databases are.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigurationArguments {
    /// Folder with `user.ini`, `exclude_log_patterns.csv`, `users.toml` and the scripts in `siem`
    #[arg(long, value_name = "DIR", env = "YAGURA_CONFIG")]
    pub config: Option<PathBuf>,
    /// Python interpreter that runs the scripts `siem/sf_*.py`
    #[arg(
        long,
        value_name = "FILE",
        env = "YAGURA_PYTHON",
        default_value = "python3"
    )]
    pub python: PathBuf,
    /// A user.ini to read after the built-in log types; later files win
    #[arg(long, value_name = "FILE")]
    pub user_ini: Vec<PathBuf>,
    /// Folder with GeoLite2-City.mmdb and GeoLite2-ASN.mmdb
    #[arg(long, value_name = "DIR", env = "YAGURA_GEOIP")]
    pub geoip: Option<PathBuf>,
    /// SQLite file with threat indicators (ioc.db)
    #[arg(long, value_name = "FILE", env = "YAGURA_IOC")]
    pub ioc: Option<PathBuf>,
    /// SQLite file with the networks of trusted proxies (trusted_proxy.db)
    #[arg(long, value_name = "FILE", env = "YAGURA_TRUSTED_PROXIES")]
    pub trusted_proxies: Option<PathBuf>,
    /// Folder for compiled indicators and copies of GeoIP databases, made again when they change;
    /// by default `intel` in the data folder, or in the user's cache for commands without one
    #[arg(long, value_name = "DIR", env = "YAGURA_CACHE")]
    pub cache: Option<PathBuf>,
    /// CSV file with field patterns of records to exclude
    #[arg(long, value_name = "FILE")]
    pub exclude_csv: Option<PathBuf>,
    /// JSON file with JMESPath conditions: a list of {"Name", "Value"}
    #[arg(long, value_name = "FILE")]
    pub conditions: Option<PathBuf>,
    /// Kind of service the documents are for
    #[arg(long, value_enum, default_value_t = ServiceArgument::Es)]
    pub service: ServiceArgument,
    /// Name of an index that cannot be written (repeatable)
    #[arg(long, value_name = "NAME")]
    pub read_only_index: Vec<String>,
}

/// Kind of OpenSearch service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ServiceArgument {
    /// A managed domain or the embedded store
    #[default]
    Es,
    /// OpenSearch Serverless: index names without a date
    Aoss,
}

/// Where the embedded store is.
#[derive(Debug, Clone, Args)]
pub struct DataArguments {
    /// Folder of the embedded store and the ledger
    #[arg(
        long,
        value_name = "DIR",
        env = "YAGURA_DATA",
        default_value = "yagura-data"
    )]
    pub data: PathBuf,
}

/// How object keys are made of paths.
#[derive(Debug, Clone, Default, Args)]
pub struct KeyArguments {
    /// Object key to use for a single file in the place of its path
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Beginning of the path that does not belong to the key
    #[arg(long, value_name = "PREFIX")]
    pub strip_prefix: Option<String>,
    /// Bucket name to note in the documents
    #[arg(long, value_name = "NAME", default_value = "local")]
    pub bucket: String,
}

/// Arguments of `load`.
#[derive(Debug, Args)]
pub struct LoadArguments {
    /// Files and folders; plain, gzip, bzip2, zip, zstd or Parquet
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How object keys are made of paths
    #[command(flatten)]
    pub key: KeyArguments,
    /// Load objects again that the ledger knows as loaded
    #[arg(long)]
    pub again: bool,
    /// Print nothing but errors
    #[arg(short, long, conflicts_with = "json")]
    pub quiet: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Worker threads; as many as processors by default
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Where the embedded store is
    #[command(flatten)]
    pub data: DataArguments,
    /// Configuration and databases
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Address to listen on; anything but loopback needs users
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "YAGURA_LISTEN",
        default_value = "127.0.0.1:5601"
    )]
    pub listen: SocketAddr,
    /// Host name under which browsers reach the server (repeatable)
    #[arg(long, value_name = "NAME")]
    pub host_name: Vec<String>,
    /// The page is reached over TLS: send cookies over nothing else
    #[arg(long)]
    pub secure_cookie: bool,
    /// Folder to load from, now and whenever a file arrives (repeatable)
    #[arg(long, value_name = "DIR")]
    pub watch: Vec<PathBuf>,
    /// How object keys are made of paths in watched folders
    #[command(flatten)]
    pub key: KeyArguments,
    /// Where the embedded store is
    #[command(flatten)]
    pub data: DataArguments,
    /// Configuration and databases
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// Arguments of `parse`.
#[derive(Debug, Args)]
pub struct ParseArguments {
    /// The log file
    pub file: PathBuf,
    /// Its object key, by which its log type is found
    #[arg(long)]
    pub key: String,
    /// Its bucket
    #[arg(long, default_value = "local")]
    pub bucket: String,
    /// File to write the counters to, as JSON
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// First record or line to read, as in split messages
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub start: u64,
    /// Last record or line to read, as in split messages
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub end: u64,
    /// Time that counts as now, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// Tell step by step what was done to each record and why
    #[arg(long)]
    pub explain: bool,
    /// Print no documents; compare them with what an earlier run printed, and tell the differences
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Read a file whose key no log type recognises by what it holds, as `load` does
    #[arg(long)]
    pub by_content: bool,
    /// Configuration and databases
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The object key
    #[arg(required_unless_present = "event", conflicts_with = "event")]
    pub key: Option<String>,
    /// A message that names objects, as S3, SQS, SNS or EventBridge send it; all of them are explained
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub event: Option<PathBuf>,
    /// The object itself, whose content decides when no log type recognises the key
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Configuration
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// Arguments of `init-logtype`.
#[derive(Debug, Args)]
pub struct InitLogtypeArguments {
    /// A file of the log; the first 64 KiB decide its form, all of it is tried
    #[arg(value_name = "SAMPLE")]
    pub sample: PathBuf,
    /// Name of the log type; made from the file's name by default
    #[arg(long)]
    pub name: Option<String>,
    /// New file to write the section to; standard output by default
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check user.ini and packs, and tell every problem with its place
    Check(ConfigurationArguments),
}

/// Arguments of `ledger`.
#[derive(Debug, Args)]
pub struct LedgerArguments {
    /// Only objects whose key contains this text
    #[arg(long, value_name = "TEXT")]
    pub contains: Option<String>,
    /// At most so many objects
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
    /// Where the embedded store is
    #[command(flatten)]
    pub data: DataArguments,
}

/// Arguments of `dead-letters`.
#[derive(Debug, Args)]
pub struct DeadLetterArguments {
    /// Only records that failed for this reason
    #[arg(long)]
    pub reason: Option<String>,
    /// Only records of this log type
    #[arg(long)]
    pub log_type: Option<String>,
    /// At most so many records
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// Run the records through the pipeline again
    #[arg(long)]
    pub retry: bool,
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
    /// Where the embedded store is
    #[command(flatten)]
    pub data: DataArguments,
    /// Configuration and databases
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub enum UsersCommand {
    /// Add a user to users.toml; the password is read from standard input
    Add(UserArguments),
    /// Make an API token for a user and print it once
    Token(UserArguments),
}

/// Arguments of `users`.
#[derive(Debug, Args)]
pub struct UserArguments {
    /// Name of the user
    pub name: String,
    /// Folder with `users.toml`
    #[arg(long, value_name = "DIR", env = "YAGURA_CONFIG", default_value = ".")]
    pub config: PathBuf,
    /// Name of the token
    #[arg(long, value_name = "NAME", default_value = "api")]
    pub token_name: String,
}
