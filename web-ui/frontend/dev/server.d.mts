/** A redaction that was asked for. */
interface Asked {
  id: number;
  place: string;
  scope: string;
}

export interface Mock {
  /** Where it serves. */
  url: string;
  api: {
    /** Begins an exchange, which ends a little later; answers its number. */
    begin(edit?: { url?: string; target?: string }): number;
    /** The exchange with number `id`. */
    find(id: number): { note: { comment: string; tags: string[] } } | undefined;
    /** What the views of a body show, by the exchange and the part: `1495 response`. */
    views: Map<string, Record<string, object>>;
    /** Begins an exchange that the rules turn out not to keep; answers its number. */
    discard(): number;
    /** Tells if an exchange is there. */
    has(id: number): boolean;
    /** The last number that was given. */
    last: number;
    /** Connections that were opened while nothing was recorded. */
    unread: number;
    /** Nobody is signed in any more. */
    locked: boolean;
    /** One more exchange, which ends a little later. */
    traffic(): void;
    /** Filters that are kept, by their names. */
    presets: Map<string, string>;
    /** Nothing can be changed. */
    readOnly: boolean;
    /** Where it takes traffic, if that is not as usual. */
    listeners?: object[];
    /** Pairs of a client and a host that are tunnelled. */
    rejected: { id: number }[];
    /** The settings in force, with what was sent to change them. */
    settings: Record<string, unknown>;
    /** The role of the one who calls. */
    role: { role: string; via: string; token: string | null; expires_at: string | null };
    /** The budget's step. */
    step: string;
    /** Figures take longer than they may. */
    slow: boolean;
    /** The state of config.toml, if there is one. */
    config: object | null;
    /** The edits of the latest replay. */
    replayed?: Record<string, unknown>;
    /** The latest request that was not recorded before. */
    sent?: Record<string, unknown>;
    redaction: {
      /** The set that is on; null for off. */
      set: string | null;
      /** Every redaction that was asked for, those that only counted apart. */
      asked: Asked[];
      counted: Asked[];
    };
    recorded: {
      rules: { name: string }[];
      /** Why the rules were changed, the first one first. */
      reasons: string[];
      /** Somebody else deletes a rule. */
      elsewhere(name: string): void;
      leases: object[];
      snapshots: { name: string; state: string }[];
    };
  };
  close(): Promise<void>;
}

export interface Options {
  port?: number;
  rate?: number;
  empty?: boolean;
  paused?: boolean;
  readOnly?: boolean;
  now?: number;
}

export function serve(options?: Options): Promise<Mock>;
