import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';

const server = 'http://127.0.0.1:8080';

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

export default defineConfig({
  plugins: [markdownWithoutHtml, react()],
  // Workspace packages are bundled from their TypeScript sources.
  resolve: { conditions: ['@concord/source', ...defaultClientConditions] },
  // Zod asks whether it may compile code. It may not, and asking is a violation of the content security policy.
  define: { 'globalThis.__zod_globalConfig': JSON.stringify({ jitless: true }) },
  build: {
    target: 'es2022',
    // A content security policy without `data:` and without inline scripts must do.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/api': server,
      '^/d/[^/]+\\.md$': server,
      '/socket.io': { target: server, ws: true },
    },
  },
});
