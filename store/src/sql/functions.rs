//! Functions and a view that the shell adds to SQLite: `body(id, 'response')`, `header(response_headers, 'content-type')`, `v_bodies`.

use dashcam_exchange::{Direction, ExchangeId};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value as Sqlite;
use rusqlite::{Connection, Error};

use super::Value;

const BODIES: &str = "CREATE TEMP VIEW v_bodies AS \
    SELECT id AS exchange, 'request' AS direction, request_size AS size, request_stored AS stored, \
        request_truncated AS truncated, header(request_headers, 'content-type') AS content_type, \
        body(id, 'request') AS body \
    FROM exchanges WHERE request_stored > 0 \
    UNION ALL SELECT id, 'response', response_size, response_stored, response_truncated, content_type, \
        body(id, 'response') \
    FROM exchanges WHERE response_stored > 0";

/// Adds all of it to a connection.
pub(super) fn add(
    connection: &Connection,
    body: impl Fn(ExchangeId, Direction, Option<u64>) -> Result<Option<Value>, String> + Send + 'static,
) -> rusqlite::Result<()> {
    connection.create_scalar_function("body", -1, FunctionFlags::SQLITE_UTF8, move |context| {
        let (id, direction, limit) = body_of(context)?;
        body(id, direction, limit).map(|value| value.map_or(Sqlite::Null, Sqlite::from)).map_err(failed)
    })?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("header", 2, flags, |context| {
        let name = context.get::<String>(1)?;
        let fields = context.get::<Option<String>>(0)?.unwrap_or_default();
        Ok(values(&fields, &name))
    })?;
    connection.execute_batch("PRAGMA query_only = off; PRAGMA temp_store = memory")?;
    connection.execute_batch(BODIES)?;
    connection.execute_batch("PRAGMA query_only = on")
}

/// The arguments of `body`: an exchange, a direction and the most bytes, which may be left out.
fn body_of(context: &Context<'_>) -> rusqlite::Result<(ExchangeId, Direction, Option<u64>)> {
    if !(2..=3).contains(&context.len()) {
        return Err(failed(
            "body takes an id, 'request' or 'response', and perhaps the most bytes".to_owned(),
        ));
    }
    let direction = match context.get::<String>(1)?.as_str() {
        "request" => Direction::Request,
        "response" => Direction::Response,
        other => {
            return Err(failed(format!("body's second argument is 'request' or 'response', not '{other}'")));
        }
    };
    let limit = if context.len() == 3 { Some(context.get::<i64>(2)?) } else { None };
    let limit = limit.map(|limit| u64::try_from(limit).unwrap_or(0));
    Ok((ExchangeId(context.get(0)?), direction, limit))
}

/// The values of all fields called `name` (whatever its case), joined as RFC 9110 §5.2 has it; `None` if there is none.
fn values(fields: &str, name: &str) -> Option<String> {
    let fields: Vec<(String, String)> = serde_json::from_str(fields).unwrap_or_default();
    let named = fields.into_iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value).reduce(|all, value| all + ", " + &value)
}

fn failed(message: String) -> Error {
    Error::UserFunctionError(message.into())
}

impl From<Value> for Sqlite {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(number),
            Value::Real(number) => Self::Real(number),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_a_field_are_joined() {
        let fields = r#"[["Accept","a"],["Host","b"],["accept","c"]]"#;
        assert_eq!(values(fields, "ACCEPT").as_deref(), Some("a, c"));
        assert_eq!(values(fields, "cookie"), None);
        assert_eq!(values("", "cookie"), None);
    }
}
