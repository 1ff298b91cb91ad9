// The levels of the recording.

export const off = 'Off';
export const offMeaning = 'Record nothing: new HTTPS connections are relayed unread';
export const metrics = 'Metrics';
export const metricsMeaning = 'Record nothing, but count requests and measure how long they take';
export const metadata = 'Metadata';
export const metadataMeaning = 'Record heads, sizes, timings and outcomes, but no bodies';
export const full = 'Full';
export const fullMeaning = 'Record heads and bodies';
