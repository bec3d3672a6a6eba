import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { isLanguageChunk, LANGUAGES_DIRECTORY, shellAddresses } from './src/offline/app-shell.ts';

const UNUSED = '\0unused-by-markdown';

/**
 * `markdown()` of lang-markdown needs the HTML, CSS and JavaScript languages: 45 KB gzipped. The editor
 * does without that function (editor/markdown-language.ts) and takes only the parser and the commands.
 * Bundlers keep what it imports all the same, since code blocks may load those languages later.
 */
const markdownWithoutHtml: Plugin = {
  name: 'concord:markdown-without-html',
  enforce: 'pre',
  resolveId: (source, importer) =>
    /^@codemirror\/(?:lang-html|autocomplete)$/.test(source) &&
    importer?.includes('@codemirror/lang-markdown/') === true
      ? UNUSED
      : undefined,
  load: (id) =>
    id === UNUSED
      ? 'export const html = () => undefined; export const htmlCompletionSource = () => null; export class CompletionContext {}'
      : undefined,
};

const icon = (name: string, sizes: string, purpose: 'any' | 'maskable') => ({
  src: `/icons/${name}.png`,
  sizes,
  type: 'image/png',
  purpose,
});

/** The shell of the app on the device (docs/decisions/0005-offline-shell.md). */
const serviceWorker = VitePWA({
  // The page registers it itself: src/offline/service-worker.ts.
  injectRegister: false,
  manifest: {
    id: '/',
    name: 'Concord',
    short_name: 'Concord',
    description: 'Write Markdown together. Typing goes on when the network does not.',
    lang: 'en',
    start_url: '/',
    scope: '/',
    display: 'standalone',
    // As the page in light colours; index.html has both for the page itself.
    theme_color: '#ffffff',
    background_color: '#ffffff',
    icons: [
      icon('icon-192', '192x192', 'any'),
      icon('icon-512', '512x512', 'any'),
      icon('maskable-512', '512x512', 'maskable'),
    ],
    shortcuts: [
      {
        name: 'New document',
        url: '/new',
        icons: [icon('new-192', '192x192', 'any')],
      },
    ],
  },
  includeManifestIcons: false,
  workbox: {
    globPatterns: ['index.html', 'favicon.svg', 'assets/**/*.{js,css}'],
    globIgnores: [`${LANGUAGES_DIRECTORY}/**`],
    navigateFallback: '/index.html',
    navigateFallbackAllowlist: [...shellAddresses],
    runtimeCaching: [
      {
        urlPattern: ({ url, sameOrigin }) =>
          sameOrigin && url.pathname.startsWith('/assets/languages/'),
        handler: 'CacheFirst',
        options: {
          cacheName: 'languages',
          // Hashed names: what another build left behind goes as the least used.
          expiration: { maxEntries: 60 },
          cacheableResponse: { statuses: [200] },
        },
      },
      {
        // Of the page's own language alone; src/offline/keep-catalogue.ts asks for it on a first visit too.
        urlPattern: ({ url, sameOrigin }) =>
          sameOrigin && /^\/assets\/[^/]+\.json$/.test(url.pathname),
        handler: 'CacheFirst',
        options: {
          cacheName: 'catalogues',
          expiration: { maxEntries: 4 },
          cacheableResponse: { statuses: [200] },
        },
      },
    ],
    cleanupOutdatedCaches: true,
    // A first visit is offline at once; a new version waits until the page lets it (src/offline/app-update.ts).
    clientsClaim: true,
    skipWaiting: false,
    inlineWorkboxRuntime: true,
  },
});

export default defineConfig({
  plugins: [markdownWithoutHtml, react(), serviceWorker],
  // Workspace packages are bundled from their TypeScript sources.
  resolve: { conditions: ['@concord/source', ...defaultClientConditions] },
  // Zod asks whether it may compile code. It may not, and asking is a violation of the content security policy.
  define: { 'globalThis.__zod_globalConfig': JSON.stringify({ jitless: true }) },
  build: {
    target: 'es2022',
    // A content security policy without `data:` and without inline scripts must do.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // For scripts/sizes.mjs; the server does not serve what begins with a dot.
    manifest: true,
    rolldownOptions: {
      output: {
        chunkFileNames: ({ moduleIds }) =>
          `${isLanguageChunk(moduleIds) ? LANGUAGES_DIRECTORY : 'assets'}/[name]-[hash].js`,
      },
    },
  },
});
