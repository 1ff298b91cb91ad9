//! `dashcam sql`: a question to the recording, which can only read it.

mod csv;
mod json;
mod parquet;
mod table;

use std::io::{IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use dashcam_exchange::{Direction, ExchangeId};
use dashcam_store::Reader;
use dashcam_store::sql::{Shell, Value};
use dashcam_views::content;
use dashcam_views::decode::Decoders;
use dashcam_views::payload::Parts;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::bounds::Bound;
use crate::cli::{SqlArgs, SqlFormat};
use crate::config::Config;
use crate::database;
use crate::home::Home;
use crate::new_file::NewFile;
use crate::options;
use crate::terminal::print_bytes;

/// The most of a body that `body()` gives, unless it is told how much.
const LARGEST_BODY: u64 = 64 << 20;

/// A form in which rows are written.
trait Rows {
    /// Writes a row.
    fn row(&mut self, row: Vec<Value>) -> Result<()>;

    /// Writes all that is left.
    fn end(self: Box<Self>) -> Result<()>;
}

/// Answers the question.
pub(crate) async fn sql(home: &Home, db: Option<PathBuf>, args: SqlArgs) -> Result<()> {
    let path = options::database(home, db.clone(), &Config::read(&home.config())?);
    let reader = database::open(home, db).await?;
    let decoders = database::decoders(home, &reader)?;
    let body = bodies(reader, decoders, Handle::current());
    // Rows are read and written on one thread, which waits for the disk and for whoever reads them.
    spawn_blocking(move || answer(&path, &args, body)).await?
}

fn answer(
    path: &Path,
    args: &SqlArgs,
    body: impl Fn(ExchangeId, Direction, Option<u64>) -> Result<Option<Value>, String> + Send + 'static,
) -> Result<()> {
    let statement = statement(args.statement.as_deref())?;
    let format = format(args)?;
    let shell = Shell::open(path, body)?;
    let Bound(limit) = args.time_limit;
    let mut question = shell.ask(&statement, limit)?;
    let columns = question.columns();
    let file = match args.output.as_deref() {
        None => None,
        Some(path) if path == Path::new("-") => None,
        Some(path) => Some(NewFile::begin(path, args.force)?),
    };
    let to: Box<dyn Write + Send> = match &file {
        Some(file) => Box::new(std::io::BufWriter::new(file.file()?)),
        None => Box::new(Printed::default()),
    };
    let mut rows = begin(format, columns, to, file.is_none())?;
    let mut answer = question.run()?;
    while let Some(row) = answer.next()? {
        rows.row(row)?;
    }
    rows.end()?;
    file.map_or(Ok(()), NewFile::finish)
}

fn begin(
    format: SqlFormat,
    columns: Vec<String>,
    to: Box<dyn Write + Send>,
    is_printed: bool,
) -> Result<Box<dyn Rows>> {
    let on_terminal = is_printed && std::io::stdout().is_terminal();
    Ok(match format {
        SqlFormat::Table => Box::new(table::Table::begin(columns, to)),
        SqlFormat::Csv => Box::new(csv::Csv::begin(&columns, to, on_terminal)?),
        SqlFormat::Json => Box::new(json::Json::begin(columns, to, json::Layout::Array)?),
        SqlFormat::Ndjson => Box::new(json::Json::begin(columns, to, json::Layout::Lines)?),
        SqlFormat::Parquet if on_terminal => {
            bail!("Parquet is not for a terminal: name a file with -o FILE.parquet, or send it to a program")
        }
        SqlFormat::Parquet => Box::new(parquet::Parquet::begin(columns, to)?),
    })
}

/// The format that is asked for, else the one that the file's name says.
fn format(args: &SqlArgs) -> Result<SqlFormat> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let Some(path) = args.output.as_deref().filter(|path| *path != Path::new("-")) else {
        return Ok(SqlFormat::Table);
    };
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(SqlFormat::Csv),
        Some("json") => Ok(SqlFormat::Json),
        Some("ndjson" | "jsonl") => Ok(SqlFormat::Ndjson),
        Some("parquet") => Ok(SqlFormat::Parquet),
        Some("txt") => Ok(SqlFormat::Table),
        _ => bail!(
            "{} does not say its format: add --format table, csv, json, ndjson or parquet",
            path.display()
        ),
    }
}

/// The statement, or what standard input has.
fn statement(given: Option<&str>) -> Result<String> {
    match given {
        Some(statement) if statement != "-" => Ok(statement.to_owned()),
        None if std::io::stdin().is_terminal() => {
            bail!(
                "there is no statement: try dashcam sql \"SELECT * FROM v_exchanges ORDER BY id DESC LIMIT 10\""
            )
        }
        _ => {
            let mut statement = String::new();
            std::io::stdin().read_to_string(&mut statement).context("standard input")?;
            Ok(statement)
        }
    }
}

/// The function `body`, for a thread that may block.
fn bodies(
    reader: Reader,
    decoders: Decoders,
    handle: Handle,
) -> impl Fn(ExchangeId, Direction, Option<u64>) -> Result<Option<Value>, String> + Send + 'static {
    move |id, direction, limit| handle.block_on(body(&reader, &decoders, (id, direction), limit))
}

/// A decoded body: text in the charset in which a browser would read it, else bytes.
async fn body(
    reader: &Reader,
    decoders: &Decoders,
    (id, direction): (ExchangeId, Direction),
    limit: Option<u64>,
) -> Result<Option<Value>, String> {
    let said = |error: dashcam_store::ReadError| error.to_string();
    let Some(exchange) = reader.exchange(id).await.map_err(said)? else { return Ok(None) };
    if exchange.body(direction).stored == 0 {
        return Ok(None);
    }
    let parts = Parts::of_body(reader, id, direction);
    let most = limit.unwrap_or(LARGEST_BODY);
    let shown = content::body(&parts, decoders, (&exchange, direction), most).await.map_err(said)?;
    if shown.truncated && limit.is_none() && shown.size >= most {
        return Err(format!(
            "the {} body of exchange {id} is larger than 64 MiB: say how much of it, as in body(id, '{0}', 1000000)",
            direction.as_str()
        ));
    }
    if let Some(text) = shown.text {
        return Ok(Some(Value::Text(text)));
    }
    let mut decoded =
        content::Decoded::begin(&parts, decoders, (&exchange, direction)).await.map_err(said)?;
    let (mut bytes, most) = (Vec::new(), usize::try_from(most).unwrap_or(usize::MAX));
    while bytes.len() < most
        && let Some(piece) = decoded.next().await.map_err(said)?
    {
        bytes.extend_from_slice(&piece);
    }
    bytes.truncate(most);
    Ok(Some(Value::Blob(bytes)))
}

/// Standard output, some kilobytes at a time.
#[derive(Default)]
struct Printed(Vec<u8>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        if self.0.len() >= 1 << 14 {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        print_bytes(std::mem::take(&mut self.0)).map_err(std::io::Error::other)
    }
}
