// The ways to look at a body, one file each in views/. The first line of the table that fits is what is shown at first.
import type { Component } from 'svelte';
import type { Source } from '../../stores/unsealed.svelte';
import JsonView from './views/JsonView.svelte';
import { tokensOf } from './views/pretty';
import TextView from './views/TextView.svelte';

/** A body for a view: its text, decoded, and its content type as sent ("" for none). */
export interface Content {
  type: string;
  text: string;
  /** Where it stands. */
  source?: Source;
}

/** A value was pressed: the path to it in JSON, and its place on the page. */
export type OnValue = (path: string, at: Element) => void;

export interface View {
  id: string;
  /** Text of the button that leads to it. */
  label: string;
  fits: (content: Content) => boolean;
  component: Component<{ content: Content; onvalue?: OnValue | undefined }>;
}

const VIEWS: readonly View[] = [
  { id: 'json', label: 'Indented', fits: (content) => tokensOf(content) !== null, component: JsonView },
  { id: 'text', label: 'As sent', fits: () => true, component: TextView },
];

/** The views that `content` can be looked at in, the best first. */
export function viewsOf(content: Content): View[] {
  return VIEWS.filter(({ fits }) => fits(content));
}
