/** What accounts and routes tell the connections: a port, so that neither knows Socket.IO. */
export interface LiveSessions {
  /** Ends the connections of this auth session or API token now. */
  ended(id: string): void;
  /** Ends every connection of the person now, except those of one auth session. */
  endedAllOf(userId: string, exceptId: string | null): void;
}
