//! The axum API and the page.
