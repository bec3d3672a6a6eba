/** What one reads when somebody edits the same paragraph. */
export const concurrentMessages = {
  concurrentEdit: (name: string): string => `${name} is editing this paragraph too`,
} as const;
