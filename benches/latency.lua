-- What wrk says at its end, as JSON for `cargo xtask bench`. Times in microseconds.
function done(summary, latency, requests)
    local errors = summary.errors
    print(string.format(
        '\n{"requests": %d, "duration": %d, "errors": %d, "p50": %d, "p99": %d, "p999": %d}',
        summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
