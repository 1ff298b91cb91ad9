// The feature's door: others import from here and from nowhere else in the folder.
export { default as MessageList } from './MessageList.svelte';
export { default as MessageSummary } from './MessageSummary.svelte';
export { hasMessages, isOfMessages, isWebSocket } from './notes';
