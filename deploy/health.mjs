/** The health check of the container: exits with 0 if the server answers on this machine. No curl is needed. */
/* global AbortSignal */
const url = `http://127.0.0.1:${process.env.PORT ?? 8080}/livez`;
const response = await fetch(url, { signal: AbortSignal.timeout(4_000) }).catch(() => null);
process.exit(response?.ok === true ? 0 : 1);
