/** Id by which the button references the panel. A file of its own: the panel is in another chunk than the button. */
export const reviewPanelId = 'merge-review';
