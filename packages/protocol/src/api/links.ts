import { z } from 'zod';

/** Addresses of related resources, by relation. */
export const linksSchema = z.record(z.string(), z.string()).meta({
  id: 'Links',
  description: 'Addresses of related resources, by relation (`self`, `text`, `people`, …).',
});
