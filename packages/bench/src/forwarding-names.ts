/** Printed before the addresses of the two servers, the owner's first. */
export const FORWARDING_READY = 'Two servers are ready: ';
