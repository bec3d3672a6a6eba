/** The address of a document in the REST API. */
import { documentIdSchema } from '@concord/protocol';
import { z } from 'zod';

/** Path parameters of a document and its sub-resources; a malformed id is answered as an absent document. */
export const documentParams = z.strictObject({ id: documentIdSchema });

/** The response 304 to `If-None-Match`. */
export const notModified = z.undefined().describe('Nothing changed.');
