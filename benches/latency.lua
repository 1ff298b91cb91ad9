-- wrk's figures at its end, as JSON for `cargo xtask bench`. Times in microseconds.

-- With an argument, each connection rests for so many milliseconds before it asks again.
function init(arguments)
    local rest = tonumber(arguments[1])
    if rest then
        function delay() return rest end
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    print(string.format(
        '\n{"requests": %d, "duration": %d, "errors": %d, "p50": %d, "p99": %d, "p999": %d}',
        summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
