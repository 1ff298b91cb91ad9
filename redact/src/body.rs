//! Bodies and messages.
