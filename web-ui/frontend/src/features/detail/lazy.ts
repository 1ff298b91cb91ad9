// Parts of the open exchange that are fetched when they are needed.

/** Fetches what explains a header field. */
export const loadFieldDetails = async () => (await import('./FieldDetails.svelte')).default;
