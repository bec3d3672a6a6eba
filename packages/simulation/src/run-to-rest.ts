/** Runs a world to its end. Every fault of a core or a check ends it with a failure. */
import { EventLog, type TraceSink } from './event-log.ts';
import { Scheduler } from './scheduler.ts';
import type { SeedResult } from './world.ts';

export interface RunnableWorld {
  /** Of its log. */
  readonly versions: number;
  /** Faults and people begin. */
  begin(): void;
  /** Faults stop. Returns how long it took until the world was at rest; throws when that took too long. */
  comeToRest(): number;
}

/** @param create makes the world; what it throws is a fault of the simulation */
export function runToRest(
  { seed, durationMs }: { readonly seed: number; readonly durationMs: number },
  trace: TraceSink | null,
  create: (scheduler: Scheduler, log: EventLog) => RunnableWorld,
): SeedResult {
  const scheduler = new Scheduler();
  const log = new EventLog(scheduler, trace);
  const world = create(scheduler, log);
  let failure: string | null = null;
  let quietAfterMs: number | null = null;
  try {
    world.begin();
    scheduler.runUntil(durationMs);
    quietAfterMs = world.comeToRest();
  } catch (error) {
    const isError = error instanceof Error;
    failure = isError ? (trace === null ? error.message : String(error.stack)) : String(error);
    log.record('checker', 'failed', failure);
  }
  const { hash, count: events } = log;
  return { seed, failure, hash, events, versions: world.versions, quietAfterMs };
}
