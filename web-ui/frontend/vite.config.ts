// The build: same input, same bytes; no source maps; nothing inline but index.html's scripts, whose hashes the policy has.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { runAfterFirstPaint } from './first_paint';
import { inlineTexts } from './inline_texts';

// `npm run dev` talks to a running dashcam (or to `npm run mock`): DASHCAM_URL, and DASHCAM_TOKEN from its `token` file.
const backend = process.env.DASHCAM_URL ?? 'http://127.0.0.1:8081';
const token = process.env.DASHCAM_TOKEN;

export default defineConfig({
  plugins: [inlineTexts(), svelte(), runAfterFirstPaint()],
  build: {
    target: 'es2022',
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The first load is one file of code and one of styles: each more is a round trip.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } } },
  },
  server: {
    proxy: {
      '/api': {
        target: backend,
        changeOrigin: true,
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      },
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
