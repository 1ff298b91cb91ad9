// The built page draws the bars of index.html first, and runs its code then.
import type { Plugin } from 'vite';

/** The entry as Vite writes it. */
const ENTRY = /<script type="module" crossorigin src="([^"]+)"><\/script>/;

/** Code that is fetched ahead. */
const PRELOADS = / *<link rel="modulepreload" crossorigin href="[^"]+">\n/g;
const STYLES = / *<link rel="stylesheet" crossorigin href="[^"]+">\n/g;

/**
 * Fetches the styles first, the entry beside them, and runs it after the first frame. A page that nobody sees has no
 * frames: there it runs at once.
 */
export function runAfterFirstPaint(): Plugin {
  return {
    name: 'run-after-first-paint',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const [tag, entry] = ENTRY.exec(html) ?? [];
        if (tag === undefined || entry === undefined) throw new Error('the built index.html has no entry');
        const run = `const run = () => import('${entry}');
      if (document.hidden) run();
      else requestAnimationFrame(() => setTimeout(run));`;
        const named = html.replace(tag, `<link rel="modulepreload" crossorigin href="${entry}">`);
        const preloads = (named.match(PRELOADS) ?? []).join('').replaceAll(' href=', ' fetchpriority="low" href=');
        const styles = (named.match(STYLES) ?? []).join('');
        return named
          .replaceAll(PRELOADS, '')
          .replaceAll(STYLES, '')
          .replace('  </head>', `${styles}${preloads}  </head>`)
          .replace('</body>', `  <script>\n      ${run}\n    </script>\n  </body>`);
      },
    },
  };
}
