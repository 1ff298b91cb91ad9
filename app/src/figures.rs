//! Figures of exchanges for people and for programs: tables, lines of JSON, CSV; and what they cover.

pub(crate) mod amounts;
mod coverage;
mod table;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use csv::{Terminator, WriterBuilder};
use dashcam_views::dto::Covered;
use dashcam_views::figures::Counting;
use dashcam_views::search::Search;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::cli::FormArgs;
use crate::home::Home;
use crate::terminal::{Color, escaped, escaped_json, is_colored, paint, print, print_bytes};
use crate::{access, database, filter};

pub(crate) use table::{Cell, Column, Table};

/// A row for a program: its members in their order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record(pub(crate) Vec<(&'static str, Value)>);

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A call of the API with its parameters, and the same question to a counting.
pub(crate) struct Question<'q> {
    pub(crate) path: &'q str,
    pub(crate) filter: &'q [String],
    pub(crate) parameters: Vec<(&'static str, String)>,
    pub(crate) time_limit: Duration,
}

impl Question<'_> {
    /// The answer of the instance that records to the recording, which knows exchanges under way as well; where none runs, that
    /// of the recording itself, which `ask` gets.
    pub(crate) async fn answer<T: DeserializeOwned>(
        &self,
        (home, db): (&Home, Option<PathBuf>),
        ask: impl AsyncFnOnce(&Counting) -> Result<T>,
    ) -> Result<T> {
        if let Some(client) = access::instance_of(home, db.as_deref()).await? {
            return Ok(serde_json::from_value(client.get(&self.call()).await?)?);
        }
        let reader = database::open(home, db).await?;
        let filter = filter::read(&reader, self.filter).await?;
        let decoders = database::decoders(home, &reader)?;
        let search = Search { reader, decoders, filter };
        let began = Instant::now();
        ask(&Counting { search, began, time_limit: self.time_limit, live: None }).await
    }

    fn call(&self) -> String {
        let mut call = format!("{}?time_limit={}ms", self.path, self.time_limit.as_millis());
        let filter = (!self.filter.is_empty()).then(|| ("filter", self.filter.join(" ")));
        for (name, value) in filter.iter().chain(&self.parameters) {
            // Writing to a String does not fail.
            let _ = write!(call, "&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        call
    }
}

/// Prints records for a program, or tables for people, and the coverage behind them.
///
/// # Errors
/// When they can't be written.
pub(crate) fn show(
    form: &FormArgs,
    covered: &Covered,
    columns: &[&str],
    records: impl IntoIterator<Item = Record>,
    tables: impl FnOnce() -> String,
) -> Result<()> {
    let is_colored = is_colored();
    let about = coverage::lines(covered);
    if !form.json && !form.csv {
        let tables = if covered.exchanges > 0 { tables() + "\n" } else { String::new() };
        let about: Vec<_> = about.iter().map(|line| paint(line, Color::Dim, is_colored)).collect();
        return print(format!("{tables}{}\n", about.join("\n")));
    }
    if form.json {
        let lines =
            records.into_iter().map(|record| Ok(escaped_json(&serde_json::to_string(&record)?) + "\n"));
        print(lines.collect::<Result<String>>()?)?;
    } else {
        print_bytes(csv(columns, records)?)?;
    }
    eprintln!("{}", about.join("\n"));
    Ok(())
}

/// A line for the names, and one for each record; null is an empty field.
fn csv(columns: &[&str], records: impl IntoIterator<Item = Record>) -> Result<Vec<u8>> {
    let mut to = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    to.write_record(columns)?;
    for Record(members) in records {
        to.write_record(members.iter().map(|(_, value)| match value {
            Value::Null => String::new(),
            Value::String(text) => escaped(text),
            other => other.to_string(),
        }))?;
    }
    Ok(to.into_inner()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_has_its_parameters() {
        let filter = ["host:a&b".to_owned(), "x".to_owned()];
        let parameters = vec![("by", "host,path".to_owned())];
        let question = Question {
            path: "/exchanges/stats",
            filter: &filter,
            parameters,
            time_limit: Duration::from_secs(2),
        };
        let expect = "/exchanges/stats?time_limit=2000ms&filter=host%3Aa%26b%20x&by=host%2Cpath";
        assert_eq!(question.call(), expect);
    }

    #[test]
    fn records_keep_the_order_of_their_members() {
        let record = |host: Value, count: Value| Record(vec![("host", host), ("count", count)]);
        let records = [record(json!("a,b"), json!(3)), record(json!(null), json!(0.5))];
        assert_eq!(serde_json::to_string(&records[1]).unwrap(), r#"{"host":null,"count":0.5}"#);
        let written = csv(&["host", "count"], records).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "host,count\r\n\"a,b\",3\r\n,0.5\r\n");
    }
}
