// Values that differ from one exchange to the next of their own accord: times, ids, nonces, names of traces.

const FIELDS =
  /^(date|age|expires|last-modified|server-timing|traceparent|tracestate|b3|x-b3-.*|cf-ray|via|alt-svc|report-to|nel|set-cookie|dpop|if-(un)?modified-since|.*(request|trace|correlation|session|span|transaction|invocation|idempotency)-?(id|key)|.*-(id|time|timestamp|runtime|nonce|timer|latency|date)|x-(runtime|timer)|content-security-policy-nonce|sec-websocket-(key|accept)|x-ratelimit-.*|ratelimit.*)$/i;

const NAMES =
  /^(id|_id|uuid|guid|nonce|salt|date|time|timestamp|ts|now|iat|exp|nbf|jti|etag|cursor|created|updated|modified|expires|duration|elapsed|latency|took)$|(_|-)(id|at|time|ts|date|uuid|nonce|ms)$|[a-z](Id|At|Time|Timestamp|Date|Uuid|UUID|Nonce|Ms)$|^(trace|span|request|correlation|session)(_|-)?id$/i;

/** A name in small letters is not to end in "Id" by chance, as "valid" does. */
const CASED = /[a-z](Id|At|Time|Timestamp|Date|Uuid|UUID|Nonce|Ms)$/;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^(0x)?(?=.*[a-f])(?=.*\d)[0-9a-f]{16,}$/i;
const TIME = /^\d{4}-\d\d-\d\dT?[ \d:.,]*(Z|[+-]\d\d:?\d\d)?$|^\w{3}, \d\d \w{3} \d{4} /;
const EPOCH = /^1[5-9]\d{8}(\.\d+|\d{3}|\d{6}|\d{9})?$/;

/** Tells if the value of a header, such as Date, is another one each time. */
export const isVolatileField = (name: string): boolean => FIELDS.test(name);

/** Tells if a value of that name is another one each time, by its name or by the looks of both values. */
export function isVolatileValue(name: string, left: string, right: string): boolean {
  if (NAMES.test(name) && (!/[a-z](id|at|time|timestamp|date|uuid|nonce|ms)$/i.test(name) || isWord(name))) return true;
  return [UUID, HEX, TIME, EPOCH].some((shape) => shape.test(left) && shape.test(right));
}

/** Tells if what the name ends in is a word of its own. */
const isWord = (name: string) =>
  CASED.test(name) || /(^|[_-])(id|at|time|timestamp|date|uuid|nonce|ms|ts)$/i.test(name) || WHOLE.test(name);

const WHOLE = /^(uuid|guid|timestamp|nonce|datetime|requestid|traceid|spanid|sessionid)$/i;
