//! Real clients on both ways: directly to an origin, and through dashcam. What they get, what the origin sees and
//! what the record has must be the same. Nothing leaves this machine.

mod both;
mod browser;
mod curl;
mod curl_cases;
mod curl_site;
mod deep;
mod files;
mod git;
mod languages;
mod packages;
mod run;
mod table;
mod wget;
