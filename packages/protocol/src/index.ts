export * from './client-messages.ts';
export * from './server-messages.ts';
export * from './http-messages.ts';
export * from './codes.ts';
export * from './limits.ts';
export * from './slug.ts';
export * from './version.ts';
export * from './random-id.ts';
