//! A bar chart for the README: CPU time per request, beside nginx.

use crate::sample::{Sample, figure, spread};

const WIDTH: f64 = 760.0;
/// Where bars begin: names stand before it.
const LEFT: f64 = 250.0;
/// Where bars end at the latest: figures stand behind it.
const RIGHT: f64 = 690.0;
const ROW: f64 = 30.0;
const TOP: f64 = 74.0;
/// In nginx's: longer bars are cut, or the others could not be told apart.
const LONGEST: f64 = 5.0;

/// Grey that can be read on white and on black: the chart has no background of its own.
const TEXT: &str = "#7a828c";

/// The bars: contender, case, name and colour.
const BARS: [(&str, &str, &str, &str); 9] = [
    ("nginx", "reverse-1k", "nginx", OTHERS),
    ("haproxy", "reverse-1k", "HAProxy", OTHERS),
    ("off", "reverse-1k", "dashcam, recording nothing", OURS),
    ("metadata", "reverse-1k", "dashcam, recording metadata", OURS),
    ("full", "reverse-1k", "dashcam, recording everything", OURS),
    ("full-connect", "forward-1k", "the same, forward (CONNECT)", OURS),
    ("hudsucker", "forward-1k", "hudsucker, recording nothing", OTHERS),
    ("squid", "forward-1k", "Squid, recording nothing", OTHERS),
    ("mitmdump", "forward-1k", "mitmdump, recording everything", OTHERS),
];
const OTHERS: &str = "#8b98a8";
const OURS: &str = "#e5673a";

/// The chart for one build; none without nginx's figures.
pub(super) fn svg(samples: &[Sample], build: &str) -> Option<String> {
    let bars: Vec<(&str, &str, f64)> = BARS
        .iter()
        .filter_map(|(contender, case, name, colour)| {
            Some((*name, *colour, ratio(samples, build, case, contender)?))
        })
        .collect();
    if !bars.iter().any(|(.., ratio)| *ratio != 1.0) {
        return None;
    }
    let height = TOP + ROW * bars.len() as f64 + 12.0;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\" font-size=\"14\" fill=\"{TEXT}\">\n\
         <title>CPU time per request, nginx = 1</title>\n\
         <text x=\"12\" y=\"26\" font-size=\"17\" font-weight=\"600\">CPU time per request, nginx = 1</text>\n\
         <text x=\"12\" y=\"48\">1 KiB of JSON, TLS on both sides, 32 connections. Less is better.</text>\n"
    );
    for (index, (name, colour, ratio)) in bars.iter().enumerate() {
        text += &bar(TOP + ROW * index as f64, name, colour, *ratio);
    }
    let x = LEFT + (RIGHT - LEFT) / LONGEST;
    let end = height - 10.0;
    text += &format!(
        "<line x1=\"{x:.0}\" x2=\"{x:.0}\" y1=\"{:.0}\" y2=\"{end:.0}\" stroke=\"{TEXT}\" stroke-dasharray=\"3 4\"/>\n</svg>\n",
        TOP - 8.0
    );
    Some(text)
}

/// One bar; what is too long is cut, with a gap that says so.
fn bar(top: f64, name: &str, colour: &str, ratio: f64) -> String {
    let width = (RIGHT - LEFT) * ratio.min(LONGEST) / LONGEST;
    // Figures stand clear of the line at 1.
    let (middle, end) = (top + 15.0, LEFT + width.max((RIGHT - LEFT) / LONGEST) + 8.0);
    let figure = if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") };
    let mut text = format!(
        "<text x=\"{:.0}\" y=\"{middle:.0}\" text-anchor=\"end\">{name}</text>\n\
         <rect x=\"{LEFT}\" y=\"{top:.0}\" width=\"{width:.1}\" height=\"20\" rx=\"3\" fill=\"{colour}\"/>\n",
        LEFT - 10.0
    );
    if ratio > LONGEST {
        // Drawn like a bar that was torn: two slanted strokes in no colour of its own.
        let x = LEFT + width - 34.0;
        text = text.replacen("<rect ", "<rect mask=\"url(#torn)\" ", 1);
        text += &format!(
            "<mask id=\"torn\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\
             <path d=\"M{x:.0} {:.0}l8 -24M{:.0} {:.0}l8 -24\" stroke=\"black\" stroke-width=\"4\"/></mask>\n",
            top + 22.0,
            x + 9.0,
            top + 22.0
        );
    }
    text + &format!("<text x=\"{end:.0}\" y=\"{middle:.0}\" font-weight=\"600\">{figure}</text>\n")
}

/// CPU time of a contender, by nginx's in the same case.
fn ratio(samples: &[Sample], build: &str, case: &str, contender: &str) -> Option<f64> {
    let median = |contender: &str| {
        let own = |sample: &&Sample| {
            sample.case == case
                && sample.contender == contender
                && sample.build.as_ref().is_none_or(|name| name == build)
        };
        spread(samples.iter().filter(own), figure::CPU).map(|spread| spread.median)
    };
    Some(median(contender)? / median("nginx")?)
}
