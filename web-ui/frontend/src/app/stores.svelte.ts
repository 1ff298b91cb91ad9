// Everything the page knows: its stores, one line each.
import { fetchFacets, fetchHistogram } from '../api/calls';
import type { Facets } from '../api/types';
import { AuditLog } from '../stores/audit.svelte';
import { Batch } from '../stores/batch.svelte';
import { fetchBoard, type Board } from '../stores/board';
import { Boundaries } from '../stores/boundaries.svelte';
import { Caller } from '../stores/caller.svelte';
import { ColumnChoice } from '../stores/columns.svelte';
import { FailedConnections } from '../stores/connections.svelte';
import { Detail } from '../stores/detail.svelte';
import { Exchanges } from '../stores/exchanges.svelte';
import { Explanation } from '../stores/explanation.svelte';
import { Figure } from '../stores/figure.svelte';
import { OverTime } from '../stores/histogram';
import { Feed } from '../stores/feed.svelte';
import { FilterHistory } from '../stores/filter_history.svelte';
import { Gaps } from '../stores/gaps.svelte';
import { SettingsHistory } from '../stores/history.svelte';
import { GraphqlCalls } from '../stores/graphql.svelte';
import { Language } from '../stores/language.svelte';
import { PaneLayout } from '../stores/layout.svelte';
import { HostTree } from '../stores/path_tree.svelte';
import { Leases } from '../stores/leases.svelte';
import { Notices } from '../stores/notices.svelte';
import { Presets } from '../stores/presets.svelte';
import { Recording } from '../stores/recording.svelte';
import { Redaction } from '../stores/redaction.svelte';
import { Rejected } from '../stores/rejected.svelte';
import { ListRows } from '../stores/rows.svelte';
import { Rules } from '../stores/rules.svelte';
import { Snapshots } from '../stores/snapshots.svelte';
import { Theme } from '../stores/theme.svelte';
import { UnreadConnections } from '../stores/unread.svelte';
import { UnsealedValues } from '../stores/unsealed.svelte';
import { Charts } from './charts.svelte';
import { RedactionPanels } from './redaction_panels.svelte';

export class Stores {
  readonly theme = new Theme();
  readonly notices = new Notices();
  readonly caller = new Caller();
  readonly recording = new Recording(this.notices, this.caller);
  readonly redaction = new Redaction(this.recording);
  readonly unsealed = new UnsealedValues();
  readonly redactionPanels = new RedactionPanels();
  readonly exchanges = new Exchanges();
  readonly charts = new Charts();
  readonly histogram = new OverTime(fetchHistogram);
  readonly facets = new Figure<Facets>(fetchFacets);
  readonly tree = new HostTree();
  readonly board = new Figure<Board>(fetchBoard);
  readonly columns = new ColumnChoice();
  readonly chosen = this.exchanges.chosen;
  readonly connections = new FailedConnections();
  readonly unread = new UnreadConnections();
  readonly rows = new ListRows(this.exchanges, this.unread);
  readonly rejected = new Rejected();
  readonly gaps = new Gaps();
  readonly layout = new PaneLayout();
  readonly detail = new Detail(
    () => this.caller.may('viewer'),
    (id, tags) => this.exchanges.tagged(id, tags),
  );
  readonly graphql = new GraphqlCalls(() => this.caller.may('viewer'));
  readonly batch = new Batch(this.exchanges, this.detail, this.notices, () => this.histogram.recount());
  readonly rules = new Rules();
  readonly leases = new Leases(this.notices, this.recording);
  readonly snapshots = new Snapshots(this.notices);
  readonly boundaries = new Boundaries();
  readonly audit = new AuditLog();
  readonly changes = new SettingsHistory();
  readonly explanation = new Explanation();
  readonly presets = new Presets();
  readonly history = new FilterHistory();
  readonly language = new Language();
  readonly feed = new Feed(this);
}
