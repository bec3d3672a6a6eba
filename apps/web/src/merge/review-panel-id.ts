/** By which the button names the panel. Alone here: the button is in the app's shell, the panel is not. */
export const reviewPanelId = 'merge-review';
