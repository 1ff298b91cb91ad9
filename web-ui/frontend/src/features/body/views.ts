// The ways to look at a body, one file each in views/, fetched when one is first needed.

export const jsonTree = async () => (await import('./views/JsonTree.svelte')).default;
export const textLines = async () => (await import('./views/TextLines.svelte')).default;
export const hexLines = async () => (await import('./views/HexLines.svelte')).default;
export const imageView = async () => (await import('./views/ImageView.svelte')).default;
export const playerView = async () => (await import('./views/PlayerView.svelte')).default;
export const fontView = async () => (await import('./views/FontView.svelte')).default;
export const frameView = async () => (await import('./views/FrameView.svelte')).default;
export const servedView = async () => (await import('./views/ServedView.svelte')).default;
