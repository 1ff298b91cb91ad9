// How components reach the state.
import { createContext } from 'svelte';
import type { App } from './app.svelte';

export type { PressedPlaceholder, PressedValue, Redacting } from './redaction_panels.svelte';

export const [useApp, provideApp] = createContext<App>();
