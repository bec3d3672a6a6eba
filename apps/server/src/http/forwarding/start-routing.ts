/** Routing, when this server is a node among others. */
import type { DocumentId } from '@concord/protocol';
import type { KeyPurpose } from '../../accounts/account-services.ts';
import type { SigningKeys } from '../../accounts/signing-keys.ts';
import { ClusterLocations, type DocumentLocations } from '../../cluster/locations.ts';
import type { Membership } from '../../cluster/membership.ts';
import type { ClusterStore } from '../../store/ports/cluster-store.ts';
import { NodeTokens } from './node-tokens.ts';
import { Routing, type RoutingOptions } from './routing.ts';

/** This server as a node. */
export interface RoutedNode {
  readonly node: string;
  readonly locations: DocumentLocations;
  readonly isDraining: () => boolean;
}

/** Null for a server whose store is its own. */
export function routedNodeOf(
  node: string,
  membership: Pick<Membership, 'node' | 'isDraining'> | null,
  store: Pick<ClusterStore, 'ownerOf'> | null,
): RoutedNode | null {
  if (membership === null || store === null) return null;
  const knowledge = {
    node,
    // Until it listens it knows no other node, and no document is asked of it.
    live: () => membership.node?.live() ?? [],
    owns: (id: DocumentId) => membership.node?.owns(id) ?? false,
  };
  const locations = new ClusterLocations({ knowledge, store });
  return { node, locations, isDraining: () => membership.isDraining };
}

export interface StartRoutingOptions extends Pick<
  RoutingOptions,
  'guard' | 'metrics' | 'addressOf'
> {
  readonly signingKeys: SigningKeys<KeyPurpose>;
}

/** Null for a server that is alone: nothing stands in the way of its requests. */
export function startRouting(
  routed: RoutedNode | null,
  { signingKeys, ...options }: StartRoutingOptions,
): Routing | null {
  if (routed === null) return null;
  const tokens = new NodeTokens({ keys: signingKeys.ring('node'), node: routed.node });
  return new Routing({ ...options, ...routed, tokens });
}
