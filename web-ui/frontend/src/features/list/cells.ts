// The cells of the list as something to filter by: Alt and a click, or the menu of the second button.
import type { GraphqlCall } from '../../api/types';
import { grpcName } from '../../format/outcome';
import { namedBy, type ListRow } from '../../stores/list_row';
import * as texts from '../../texts/list';
import { clientTerm, exactTerm, pathTerm, statusTerm, typeTerm } from '../filter';

export interface CellTerm {
  /** Name of the value, for people. */
  label: string;
  term: string;
  /** The value itself. */
  value: string;
}

/** A cell, or a whole row, that a menu was asked for. */
export interface CellMenu {
  anchor: Element;
  terms: CellTerm[];
}

/** The condition that a GraphQL answer has errors. */
const ERRORS = 'res.json.errors:*';

/** The conditions that the cells of `row` make, by their column; `call` is what is known of it as a GraphQL call. */
export function cellTerms(row: ListRow, call?: GraphqlCall): Partial<Record<string, CellTerm>> {
  const type = row.content_type?.split(';')[0]?.trim() ?? '';
  const failure = row.failure == null ? null : `${row.failure.side}/${row.failure.stage}`;
  // The filter sees of a connection the host that its destination names, not that of TLS.
  const host = row.unread === undefined ? row.host : namedBy(row.unread).host;
  const terms: Partial<Record<string, CellTerm>> = {
    ...(row.method !== '' && {
      method: { label: texts.valueMethod, term: exactTerm('method', row.method), value: row.method },
    }),
    ...(host !== '' && { host: { label: texts.valueHost, term: exactTerm('host', host), value: host } }),
    ...(row.target !== '' && { path: { label: texts.valuePath, term: pathTerm(row.target), value: row.target } }),
  };
  const grpc = row.grpc_status;
  if (grpc != null)
    terms.grpc = { label: texts.valueGrpc, term: `grpc.status:${grpc}`, value: `${grpc} ${grpcName(grpc)}` };
  if (grpc != null && grpc !== 0) terms.status = terms.grpc;
  else if (call?.errors != null && call.errors > 0) {
    terms.status = { label: texts.valueErrors, term: ERRORS, value: texts.errorsInAnswer(call.errors) };
  } else if (row.status != null) {
    terms.status = { label: texts.valueStatus, term: statusTerm(row.status), value: String(row.status) };
  } else if (failure !== null) terms.status = { label: texts.valueFailure, term: `fail:${failure}`, value: failure };
  if (call?.operation != null) {
    terms.operation = {
      label: texts.valueOperation,
      term: exactTerm('gql.operation', call.operation),
      value: call.operation,
    };
  }
  if (row.client != null) terms.client = { label: texts.valueClient, term: clientTerm(row.client), value: row.client };
  const [tag] = row.tags;
  if (tag !== undefined) terms.tags = { label: texts.valueTag, term: exactTerm('tag', tag), value: tag };
  if (type !== '') terms.type = { label: texts.valueType, term: typeTerm(type), value: type };
  if (row.program != null)
    terms.program = { label: texts.valueProgram, term: exactTerm('program', row.program), value: row.program };
  if (row.rule != null) terms.rule = { label: texts.valueRule, term: exactTerm('rule', row.rule), value: row.rule };
  return terms;
}

interface Heard {
  row: (id: number) => ListRow | undefined;
  call: (id: number) => GraphqlCall | undefined;
  /** Alt and a click: for the value, or with Shift for all but it. */
  onfilter: (term: string, excluding: boolean) => void;
  onmenu: (menu: CellMenu) => void;
}

/** Hears of what is done to cells below an element; for `{@attach …}`. */
export function cells({ row, call, onfilter, onmenu }: Heard): (element: HTMLElement) => () => void {
  const found = ({ target }: Event) => {
    if (!(target instanceof Element)) return null;
    const key = target.closest('[data-key]');
    const summary = row(Number(key?.getAttribute('data-key') ?? NaN));
    if (key === null || summary === undefined) return null;
    const cell = target.closest('[data-column]');
    const terms = cellTerms(summary, call(summary.id));
    return { key, cell, terms, own: terms[cell?.getAttribute('data-column') ?? ''] };
  };
  const clicked = (event: MouseEvent) => {
    const own = event.altKey ? found(event)?.own : undefined;
    if (own === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onfilter(own.term, event.shiftKey);
  };
  const asked = (event: MouseEvent) => {
    const at = found(event);
    // A text that is chosen has the browser's own menu.
    if (at === null || getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    const all = Object.values(at.terms).filter((term) => term !== undefined);
    onmenu(at.own === undefined ? { anchor: at.key, terms: all } : { anchor: at.cell ?? at.key, terms: [at.own] });
  };
  return (element) => {
    element.addEventListener('click', clicked, { capture: true });
    element.addEventListener('contextmenu', asked);
    return () => {
      element.removeEventListener('click', clicked, { capture: true });
      element.removeEventListener('contextmenu', asked);
    };
  };
}
