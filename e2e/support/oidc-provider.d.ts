/** The part of the package that the tests use; it has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }
  export interface ProviderContext {
    readonly oidc: {
      readonly provider: Provider;
      readonly client: { readonly clientId: string };
      readonly session: { readonly accountId: string };
    };
  }
  export interface ProviderAccount {
    readonly accountId: string;
    claims(): Promise<{ readonly sub: string }>;
  }
  export interface ProviderConfiguration {
    readonly clients: readonly {
      readonly client_id: string;
      readonly client_secret: string;
      readonly redirect_uris: readonly string[];
      readonly token_endpoint_auth_method?: string;
    }[];
    readonly cookies: { readonly keys: readonly string[] };
    readonly jwks: { readonly keys: readonly object[] };
    /** Seconds. */
    readonly ttl: Readonly<Record<string, number>>;
    readonly pkce: { readonly required: () => boolean };
    readonly claims: Readonly<Record<string, readonly string[]>>;
    readonly features: { readonly devInteractions: { readonly enabled: boolean } };
    readonly interactions: {
      readonly url: (context: ProviderContext, interaction: { readonly uid: string }) => string;
    };
    readonly findAccount: (context: ProviderContext, id: string) => Promise<ProviderAccount>;
    readonly loadExistingGrant: (context: ProviderContext) => Promise<Grant>;
  }
  export class Provider {
    constructor(issuer: string, configuration: ProviderConfiguration);
    readonly Grant: new (grant: { readonly clientId: string; readonly accountId: string }) => Grant;
    callback(): RequestListener;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
    ): Promise<void>;
    on(event: string, listener: (...details: readonly unknown[]) => void): this;
  }
}
