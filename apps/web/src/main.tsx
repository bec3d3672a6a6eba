import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import './ui/base.css';
import './ui/controls.css';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element to show the app in');
createRoot(root).render(<App />);
