// The facets that the panel shows, and the condition that each of their values makes.
import type { By } from '../../api/types';
import * as terms from '../../texts/terms';
import { exactTerm, foldedPathTerm, statusTerm, typeTerm } from '../filter';

export interface FacetKind {
  by: By;
  title: string;
  /** The condition for a value. */
  term: (value: string) => string;
  /** The condition for any value. */
  any: string;
}

export const FACETS: readonly FacetKind[] = [
  { by: 'host', title: terms.host, term: (value) => exactTerm('host', value), any: 'host:*' },
  { by: 'status', title: terms.status, term: (value) => statusTerm(Number(value)), any: 'status:*' },
  { by: 'method', title: terms.method, term: (value) => exactTerm('method', value), any: 'method:*' },
  { by: 'path', title: terms.path, term: foldedPathTerm, any: 'path:*' },
  { by: 'type', title: terms.type, term: typeTerm, any: 'type:*' },
  { by: 'failure', title: terms.failure, term: (value) => `fail:${value}`, any: 'fail:*' },
  { by: 'client', title: terms.client, term: (value) => `client:${value}`, any: 'client:*' },
  { by: 'program', title: terms.program, term: (value) => exactTerm('program', value), any: 'program:*' },
  { by: 'rule', title: terms.rule, term: (value) => exactTerm('rule', value), any: 'rule:*' },
];
