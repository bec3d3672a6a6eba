/** The address of a document in the REST API. */
import { documentIdSchema } from '@concord/protocol';
import { z } from 'zod';

/** In the address of everything that belongs to a document; another form is a document that is not there. */
export const documentParams = z.strictObject({ id: documentIdSchema });

/** The answer to a condition that holds no more. */
export const notModified = z.undefined().describe('Nothing changed.');
