// How a first client is connected.

// Opens the guide for a first client.
export const howToSend = (key: string) => `How to send traffic through dashcam (${key})`;
export const connectClient = 'Connect a client';
