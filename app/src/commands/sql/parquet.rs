//! Rows as a Parquet file, compressed with zstd: for pandas, polars, DuckDB and Spark.
//!
//! A column of SQLite has no type of its own. The first rows say which type it gets; a later value of another type ends
//! the writing with an error, as a changed value would be worse.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use dashcam_store::sql::Value;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::{Rows, json};

/// Rows of a group, which is held in memory.
const GROUP: usize = 10_000;
/// Bytes of texts and blobs after which a group ends sooner.
const BYTES: usize = 32 << 20;

/// A file that is written by groups of rows.
pub(super) struct Parquet {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    bytes: usize,
    /// Until the types of the columns are known.
    to: Option<Box<dyn Write + Send>>,
    file: Option<Typed>,
}

/// A file whose columns have their types.
struct Typed {
    kinds: Vec<Kind>,
    file: SerializedFileWriter<Box<dyn Write + Send>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Real,
    Text,
    Bytes,
}

impl Parquet {
    pub(super) fn begin(columns: Vec<String>, to: Box<dyn Write + Send>) -> Result<Self> {
        json::refuse_double(&columns)?;
        Ok(Self { columns, rows: Vec::new(), bytes: 0, to: Some(to), file: None })
    }

    /// Writes the rows that are held as a group.
    fn group(&mut self) -> Result<()> {
        if let Some(to) = self.to.take() {
            let kinds: Vec<_> = (0..self.columns.len()).map(|column| self.kind(column)).collect();
            let file = SerializedFileWriter::new(to, Arc::new(schema(&self.columns, &kinds)?), properties())?;
            self.file = Some(Typed { kinds, file });
        }
        let Some(Typed { kinds, file }) = &mut self.file else { return Ok(()) };
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut group = file.next_row_group()?;
        for (at, kind) in kinds.iter().enumerate() {
            let values = self.rows.iter().map(|row| &row[at]);
            let Some(column) = group.next_column()? else {
                bail!("the file has fewer columns than the answer")
            };
            write(column, *kind, values).with_context(|| format!("column {}", self.columns[at]))?;
        }
        group.close()?;
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }

    /// The type of the values that are held of a column: numbers where all are, else text or bytes. Text if there is none.
    fn kind(&self, column: usize) -> Kind {
        let kinds = self.rows.iter().filter_map(|row| kind(&row[column]));
        let joined = kinds.reduce(|one, other| match (one, other) {
            (one, other) if one == other => one,
            (Kind::Integer | Kind::Real, Kind::Integer | Kind::Real) => Kind::Real,
            (Kind::Bytes, _) | (_, Kind::Bytes) => Kind::Bytes,
            _ => Kind::Text,
        });
        joined.unwrap_or(Kind::Text)
    }
}

impl Rows for Parquet {
    fn row(&mut self, row: Vec<Value>) -> Result<()> {
        self.bytes += row.iter().map(size).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() >= GROUP || self.bytes >= BYTES { self.group() } else { Ok(()) }
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        self.group()?;
        if let Some(Typed { file, .. }) = self.file {
            file.into_inner()?.flush()?;
        }
        Ok(())
    }
}

fn kind(value: &Value) -> Option<Kind> {
    match value {
        Value::Null => None,
        Value::Integer(_) => Some(Kind::Integer),
        Value::Real(_) => Some(Kind::Real),
        Value::Text(_) => Some(Kind::Text),
        Value::Blob(_) => Some(Kind::Bytes),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    }
}

fn properties() -> Arc<WriterProperties> {
    Arc::new(WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build())
}

fn schema(columns: &[String], kinds: &[Kind]) -> Result<Type> {
    let fields = columns.iter().zip(kinds).map(|(name, kind)| {
        let (physical, logical) = match kind {
            Kind::Integer => (Physical::INT64, None),
            Kind::Real => (Physical::DOUBLE, None),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Bytes => (Physical::BYTE_ARRAY, None),
        };
        let field = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        Ok(Arc::new(field.with_logical_type(logical).build()?))
    });
    Ok(Type::group_type_builder("dashcam").with_fields(fields.collect::<Result<_>>()?).build()?)
}

/// Writes a column of a group: a level for each row says whether there is a value, and then those that there are.
fn write<'v>(
    mut column: SerializedColumnWriter<'_>,
    kind: Kind,
    values: impl Iterator<Item = &'v Value> + Clone,
) -> Result<()> {
    let levels: Vec<i16> = values.clone().map(|value| i16::from(*value != Value::Null)).collect();
    let there = values.filter(|value| **value != Value::Null);
    match column.untyped() {
        ColumnWriter::Int64ColumnWriter(to) => {
            let values = there.map(|value| match value {
                Value::Integer(number) => Ok(*number),
                other => Err(mixed(kind, other)),
            });
            to.write_batch(&values.collect::<Result<Vec<_>>>()?, Some(&levels), None)?;
        }
        ColumnWriter::DoubleColumnWriter(to) => {
            let values = there.map(|value| match value {
                Value::Real(number) => Ok(*number),
                #[expect(clippy::cast_precision_loss, reason = "SQLite compares them in the same way")]
                Value::Integer(number) => Ok(*number as f64),
                other => Err(mixed(kind, other)),
            });
            to.write_batch(&values.collect::<Result<Vec<_>>>()?, Some(&levels), None)?;
        }
        ColumnWriter::ByteArrayColumnWriter(to) => {
            let values = there.map(|value| match (value, kind) {
                (Value::Text(text), _) => Ok(ByteArray::from(text.as_str())),
                (Value::Blob(bytes), Kind::Bytes) => Ok(ByteArray::from(bytes.clone())),
                (Value::Integer(number), _) => Ok(ByteArray::from(number.to_string().as_str())),
                (Value::Real(number), _) => Ok(ByteArray::from(number.to_string().as_str())),
                (other, _) => Err(mixed(kind, other)),
            });
            to.write_batch(&values.collect::<Result<Vec<_>>>()?, Some(&levels), None)?;
        }
        _ => bail!("the file has a column of a type that is not written here"),
    }
    Ok(column.close()?)
}

fn mixed(kind: Kind, value: &Value) -> anyhow::Error {
    let (began, now) = match (kind, value) {
        (Kind::Integer, Value::Real(_)) => ("whole numbers", "a real number"),
        (Kind::Integer | Kind::Real, Value::Text(_)) => ("numbers", "a text"),
        (Kind::Integer | Kind::Real, _) => ("numbers", "bytes"),
        (Kind::Text | Kind::Bytes, _) => ("texts", "bytes"),
    };
    anyhow::anyhow!("it began with {began} and now has {now}: give it one type, as in CAST(x AS TEXT)")
}
