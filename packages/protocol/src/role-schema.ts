import { z } from 'zod';
import { roles } from './words.ts';

export const roleSchema = z.enum(roles);
