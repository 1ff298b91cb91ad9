// A stand-in for dashcam, for working on the page: dist/ and the API with made-up exchanges, new ones as time passes.
// `npm run build && npm run mock`, then http://127.0.0.1:8081/. MOCK_EMPTY=1 starts with nothing, MOCK_RATE=N sends N
// exchanges a second, MOCK_PAUSED=1 pauses the recording, MOCK_READ_ONLY=1 lets it only be looked at.
import { serve } from './server.mjs';

const { MOCK_PORT, MOCK_RATE, MOCK_EMPTY, MOCK_PAUSED, MOCK_READ_ONLY } = process.env;

const { url } = await serve({
  port: Number(MOCK_PORT ?? 8081),
  rate: Number(MOCK_RATE ?? 1),
  empty: MOCK_EMPTY !== undefined,
  paused: MOCK_PAUSED !== undefined,
  readOnly: MOCK_READ_ONLY !== undefined,
});
console.log(url);
