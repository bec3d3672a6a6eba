/** For tests: domain events whose subscribers' faults fail the test that publishes. */
import { InProcessEvents, type DomainEvent, type DomainEventType } from './domain-events.ts';

export const testEvents = (): InProcessEvents =>
  new InProcessEvents({ run: async (_place, action) => action() });

/** What is published from now on, of these types. */
export function recordedEvents(
  events: InProcessEvents,
  ...types: readonly DomainEventType[]
): DomainEvent[] {
  const recorded: DomainEvent[] = [];
  for (const type of types) events.subscribe(type, (event) => void recorded.push(event));
  return recorded;
}
