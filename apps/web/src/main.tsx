import { createRoot } from 'react-dom/client';
// First, so that what a component says of its controls comes after it.
import './ui/base.css';
import './ui/controls.css';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element to show the app in');
createRoot(root).render(<App />);
