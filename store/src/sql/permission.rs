//! Leave for what a statement does: to read, and nothing else.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that describe the schema; as functions (`pragma_table_info('exchanges')`) they read too.
const DESCRIBE: [&str; 7] =
    ["application_id", "index_info", "index_list", "table_info", "table_list", "table_xinfo", "user_version"];

/// Answers SQLite, which asks this for each thing that a statement would do.
pub(super) fn ask(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Function { .. }
        | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Pragma { pragma_name, .. } if DESCRIBE.contains(&pragma_name) => Authorization::Allow,
        _ => Authorization::Deny,
    }
}
