//! The history of the settings: their changes, by whom, from where, when and why.

use dashcam_exchange::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// One change of the settings, or of what is in force beside them. What settings are is the caller's business: here they
/// are JSON.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SettingsChange {
    /// When they changed.
    pub at: Timestamp,
    /// The one that changed them: the page, the command line, a signal.
    pub who: String,
    /// Why, in that person's words.
    pub why: Option<String>,
    /// The settings before; `None` at the first start.
    pub from: Option<Value>,
    /// The settings since.
    pub to: Value,
    /// The part that was changed.
    pub kind: ChangeKind,
    /// The address from which it was changed.
    pub address: Option<String>,
    /// The session of the page in which it was changed.
    pub session: Option<String>,
    /// The facts that the settings don't have: of a step its name and the reason, of a lease or a snapshot which it was.
    pub detail: Option<Value>,
}

/// The subject of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ChangeKind {
    /// The default level or another setting.
    #[default]
    Settings,
    /// The rules.
    Rules,
    /// A lease: put, extended, or ended.
    Lease,
    /// A step of the budget.
    Step,
    /// A snapshot: written or deleted.
    Snapshot,
}

impl ChangeKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Settings, Self::Rules, Self::Lease, Self::Step, Self::Snapshot];

    /// Its name, as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Rules => "rules",
            Self::Lease => "lease",
            Self::Step => "step",
            Self::Snapshot => "snapshot",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str = "at, who, why, from_settings, to_settings, kind, address, session, detail";

pub(crate) fn write(connection: &Connection, change: &SettingsChange) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO settings_history ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    let json = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
    let SettingsChange { at, who, why, from, to, kind, address, session, detail } = change;
    let (from, to, detail) = (json(from), to.to_string(), json(detail));
    connection.execute(&sql, (at.0, who, why, from, to, kind.as_str(), address, session, detail))?;
    Ok(())
}

/// The last change that is stored.
pub(crate) fn last(connection: &Connection) -> Result<Option<SettingsChange>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM settings_history ORDER BY id DESC LIMIT 1");
    // A stranger's text that is no JSON is as good as none.
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    let change = |row: &rusqlite::Row<'_>| {
        Ok(SettingsChange {
            at: Timestamp(row.get(0)?),
            who: row.get(1)?,
            why: row.get(2)?,
            from: json(row.get(3)?),
            to: json(row.get(4)?).unwrap_or_default(),
            kind: ChangeKind::parse(&row.get::<_, String>(5)?).unwrap_or_default(),
            address: row.get(6)?,
            session: row.get(7)?,
            detail: json(row.get(8)?),
        })
    };
    Ok(connection.query_row(&sql, [], change).optional()?)
}

pub(crate) fn read(row: &SqliteRow) -> Result<SettingsChange, StoreError> {
    let mut columns = Columns::of(row);
    Ok(SettingsChange {
        at: Timestamp(columns.take()?),
        who: columns.take()?,
        why: columns.take()?,
        from: columns.json()?,
        to: columns.json()?.unwrap_or(Value::Null),
        kind: columns.name(ChangeKind::parse)?,
        address: columns.take()?,
        session: columns.take()?,
        detail: columns.json()?,
    })
}
