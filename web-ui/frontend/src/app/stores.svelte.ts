// Everything the page knows: its stores, one line each.
import { AuditLog } from '../stores/audit.svelte';
import { Boundaries } from '../stores/boundaries.svelte';
import { Caller } from '../stores/caller.svelte';
import { FailedConnections } from '../stores/connections.svelte';
import { Detail } from '../stores/detail.svelte';
import { Exchanges } from '../stores/exchanges.svelte';
import { Feed } from '../stores/feed.svelte';
import { FilterHistory } from '../stores/filter_history.svelte';
import { Gaps } from '../stores/gaps.svelte';
import { SettingsHistory } from '../stores/history.svelte';
import { Language } from '../stores/language.svelte';
import { Leases } from '../stores/leases.svelte';
import { Notices } from '../stores/notices.svelte';
import { Presets } from '../stores/presets.svelte';
import { Recording } from '../stores/recording.svelte';
import { Redaction } from '../stores/redaction.svelte';
import { Rejected } from '../stores/rejected.svelte';
import { Rules } from '../stores/rules.svelte';
import { Snapshots } from '../stores/snapshots.svelte';
import { UnsealedValues } from '../stores/unsealed.svelte';
import { RedactionPanels } from './redaction_panels.svelte';

export class Stores {
  readonly notices = new Notices();
  readonly caller = new Caller();
  readonly recording = new Recording(this.notices, this.caller);
  readonly redaction = new Redaction(this.recording);
  readonly unsealed = new UnsealedValues();
  readonly redactionPanels = new RedactionPanels();
  readonly exchanges = new Exchanges();
  readonly connections = new FailedConnections();
  readonly rejected = new Rejected();
  readonly gaps = new Gaps();
  readonly detail = new Detail(() => this.caller.may('viewer'));
  readonly rules = new Rules();
  readonly leases = new Leases(this.notices, this.recording);
  readonly snapshots = new Snapshots(this.notices);
  readonly boundaries = new Boundaries();
  readonly audit = new AuditLog();
  readonly changes = new SettingsHistory();
  readonly presets = new Presets();
  readonly history = new FilterHistory();
  readonly language = new Language();
  readonly feed = new Feed(this);
}
