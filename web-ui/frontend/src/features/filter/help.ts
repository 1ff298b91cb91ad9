// The filter language in ten lines.

export interface HelpLine {
  /** Filters that can be tried. */
  examples: readonly string[];
  meaning: string;
}

export const HELP: readonly HelpLine[] = [
  { examples: ['orders 404'], meaning: 'words in method, URL, status and type' },
  { examples: ['host:api.*', 'path:/v1/*'], meaning: 'a field’s value; * stands for anything' },
  { examples: ['status:5xx', 'status:400..499', 'method:POST,PUT'], meaning: 'classes, ranges, lists' },
  { examples: ['dur:>500ms', 'size:>1MB'], meaning: 'comparisons, with units' },
  { examples: ['-path:/health', 'not is:asset'], meaning: 'all but these' },
  { examples: ['status:5xx | is:error'], meaning: 'or; beside each other means and' },
  { examples: ['header.x-request-id:*', 'cookie.sid:*'], meaning: 'has the header, the cookie' },
  { examples: ['body:"out of stock"', 'json.user.id:42'], meaning: 'text and JSON in bodies' },
  { examples: ['since:10m', 'at:10:00..11:00'], meaning: 'when it began' },
  { examples: ['path:/orders\\/\\d+/', '~m POST & ~c 200'], meaning: 'expressions; mitmproxy’s operators' },
];
