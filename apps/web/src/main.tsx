import { createRoot } from 'react-dom/client';
// First, so that component styles come after it in the cascade.
import './ui/base.css';
import './ui/controls.css';
import './ui/layers.css';
import { App } from './app/app.tsx';
import { LeftBehindNotices } from './offline/left-behind.tsx';
import { keepCatalogue } from './offline/keep-catalogue.ts';
import { startServiceWorker } from './offline/service-worker.ts';
import { startTidying } from './offline/tidy-device.ts';
import { UpdateNotice } from './offline/update-notice.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element to show the app in');
createRoot(root).render(
  <>
    <LeftBehindNotices />
    <App />
    <UpdateNotice />
  </>,
);
// Not in development, where every change reloads the page.
if (import.meta.env.PROD) {
  keepCatalogue();
  startServiceWorker();
}
startTidying();
